import { describe, expect, test } from "vitest";
import { aPolicyApi, change } from "../../test/a-policy-api.ts";

const TOKEN = "correct-horse-battery";

describe("changes of the policy", () => {
  const changes: [what: string, body: object][] = [
    ["PUT /global", { settings: {}, ...change }],
    ["DELETE /global", change],
    ["PUT /servers/weather", { settings: {}, ...change }],
    ["DELETE /servers/weather", change],
    ["PUT /candidate", { settings: {}, ...change }],
    ["DELETE /candidate", change],
    ["POST /rollback", change],
  ];

  test.each(changes)("%s needs the token", async (what, body) => {
    const { ask, asked } = aPolicyApi({ edits: { token: TOKEN } });
    for (const authorization of [undefined, "", TOKEN, `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, "Bearer ", "Bearer"]) {
      const headers = authorization === undefined ? {} : { authorization };
      const refused = await ask(what, { body, headers });
      expect(refused).toMatchObject({ status: 401, body: { code: "request.unauthorized" } });
      expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="governance"');
      expect(JSON.stringify(refused.body)).not.toContain(TOKEN);
    }
    expect(asked).toEqual([]);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await ask(what, { body, headers })).toMatchObject({ status: 200 });
  });

  test.each(changes)("%s is refused where changes are off, and names the variable", async (what, body) => {
    const { ask, asked } = aPolicyApi({ edits: "off" });
    const refused = await ask(what, { body, headers: { authorization: `Bearer ${TOKEN}` } });
    expect(refused).toMatchObject({ status: 403, body: { code: "request.forbidden" } });
    expect(refused.body.error).toContain("ADMIN_TOKEN");
    expect(asked).toEqual([]);
  });

  test("without a token are taken from programs and from the same origin, and from no other page", async () => {
    const { ask, asked } = aPolicyApi({ edits: "open" });
    const rollback = (headers: Record<string, string>) =>
      ask("POST /rollback?who=page&why=because", { headers: { host: "127.0.0.1:8173", ...headers } });
    for (const origin of ["http://127.0.0.1:3000", "http://localhost:8173", "https://evil.example", "null", ""]) {
      expect(await rollback({ origin })).toMatchObject({ status: 403, body: { code: "request.forbidden" } });
    }
    expect(asked).toEqual([]);
    for (const headers of [{}, { origin: "http://127.0.0.1:8173" }]) {
      expect(await rollback(headers)).toMatchObject({ status: 200 });
    }
  });

  test.each([
    ["GET ", undefined],
    ["GET /servers/weather", undefined],
    ["GET /revisions", undefined],
    ["POST /validate", { scope: "global", settings: {} }],
    ["POST /explain", { request: { server: "weather", target: "forecast" } }],
  ])("%s is none", async (what, body) => {
    for (const edits of ["off", { token: TOKEN }] as const) {
      const { ask } = aPolicyApi({ edits });
      expect(await ask(what, { body })).toMatchObject({ status: 200 });
    }
  });
});
