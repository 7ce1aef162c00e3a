import { GovernanceError } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aPolicyAdmin, noPolicy } from "../../test/a-policy-admin.ts";
import { aPolicyApi, change } from "../../test/a-policy-api.ts";

describe("the policy over HTTP", () => {
  const weather = { server: "weather" };
  const settings = { rate_limit: 5 };
  const full = { settings, ...change };
  const query = "?who=ada&why=incident%207&expected=12";

  test.each<[what: string, body: object | undefined, question: object]>([
    ["GET ", undefined, { ask: "current" }],
    ["PUT /global", full, { ask: "edit", scope: "global", ...full }],
    ["PUT /servers/weather", { ...full, expected: 12 }, { ask: "edit", scope: weather, ...full, expected: 12 }],
    ["PUT /servers/a%2Eb", full, { ask: "edit", scope: { server: "a.b" }, ...full }],
    ["PUT /global", { settings, who: "ada" }, { ask: "edit", scope: "global", settings, who: "ada", why: "" }],
    ["DELETE /global", change, { ask: "reset", scope: "global", ...change }],
    [`DELETE /servers/weather${query}`, undefined, { ask: "reset", scope: weather, ...change, expected: 12 }],
    ["POST /validate", { scope: weather, settings }, { ask: "validate", scope: weather, settings }],
    ["POST /rollback", change, { ask: "rollback", ...change }],
    ["PUT /candidate", { scope: weather, ...full }, { ask: "candidate", scope: weather, ...full }],
    ["PUT /candidate", full, { ask: "candidate", scope: "global", ...full }],
    ["DELETE /candidate", change, { ask: "candidate", scope: "global", settings: null, ...change }],
    ["GET /revisions", undefined, { ask: "revisions", limit: 100 }],
    ["GET /revisions?limit=5", undefined, { ask: "revisions", limit: 5 }],
    ["GET /revisions/12", undefined, { ask: "revision", number: 12 }],
    ["GET /revisions/11/diff/12", undefined, { ask: "diff", from: 11, to: 12 }],
  ])("%s asks with %j", async (what, body, question) => {
    const { ask, asked } = aPolicyApi();
    const answer = await ask(what, { body });
    expect(asked).toEqual([question]);
    expect(answer).toMatchObject({ status: 200, body: { status: "success" } });
    expect(answer.headers.get("content-type")).toBe("application/json");
  });

  test("explains a call that nobody has made, and needs not be told all of it", async () => {
    const { ask, asked } = aPolicyApi();
    const request = { server: "weather", target: "forecast", arguments: { city: "Bern" } };
    expect(await ask("POST /explain", { body: { request, labels: ["private_data"] } })).toMatchObject({
      status: 200,
    });
    expect(asked).toMatchObject([
      {
        ask: "explain",
        labels: ["private_data"],
        request: { ...request, principal: "anonymous", roles: [], client: null, method: "tools/call" },
      },
    ]);
  });

  test("row 94: tells the settings of a server in force, ready to be edited, and where they come from", async () => {
    const { ask } = aPolicyApi();
    expect((await ask("GET /servers/weather")).body.data).toEqual({
      scope: { server: "weather" },
      settings: { rate_limit: 7 },
      origin: "edit",
      number: 12,
      revision: "r12-0123456789ab",
    });
    expect((await ask("GET /global")).body.data).toMatchObject({
      settings: { default_effect: "allow" },
      origin: "file",
    });
  });

  test.each(["toString", "__proto__", "nobody"])("knows no server %s", async (name) => {
    const { ask } = aPolicyApi();
    expect(await ask(`GET /servers/${name}`)).toMatchObject({ status: 404, body: { code: "policy.unknown" } });
  });

  test.each<[what: string, body: object | undefined, says: string]>([
    ["PUT /global", undefined, "settings"],
    ["PUT /global", { settings }, "who"],
    ["PUT /global", { settings, who: "" }, "who"],
    ["PUT /global", { settings: 5, ...change }, "settings"],
    ["PUT /global", { ...full, because: "x" }, "because"],
    ["PUT /global", { ...full, scope: weather }, "scope"],
    ["PUT /global", { ...full, ask: "rollback" }, "ask"],
    ["PUT /global", { ...full, expected: 0 }, "expected"],
    ["PUT /global", { ...full, expected: "12" }, "expected"],
    ["PUT /global?who=eve", full, "who: given more than once"],
    ["DELETE /global?who=ada&who=eve", undefined, "who: given more than once"],
    ["DELETE /global?who=ada&expected=twelve", undefined, "expected"],
    ["DELETE /candidate", { ...change, settings }, "settings"],
    ["POST /validate", { settings }, "scope"],
    ["POST /explain", {}, "request"],
    ["POST /explain", { request: { server: "weather" } }, "request.target"],
    ["POST /explain", { request: { server: "weather", target: "t", tool: "t" } }, "tool"],
    ["POST /explain", { request: { server: "weather", target: "t" }, at: "now" }, "at"],
    ["GET /revisions?limit=0", undefined, "limit"],
    ["GET /revisions?limit=many", undefined, "limit"],
    ["GET /revisions?page=2", undefined, "page"],
    ["GET /servers/weather?revision=3", undefined, "revision"],
    ["GET /revisions/0", undefined, "number"],
  ])("refuses %s with %j and says why", async (what, body, says) => {
    const { ask, asked } = aPolicyApi();
    const answer = await ask(what, { body });
    expect(answer).toMatchObject({ status: 400, body: { status: "error", code: "request.invalid" } });
    expect(answer.body.error).toContain(says);
    expect(asked).toEqual([]);
  });

  test.each([
    ["GET /revisions/r12", 404, "http.path"],
    ["GET /nothing", 404, "http.path"],
    ["POST /global", 405, "http.method"],
    ["DELETE /revisions/1", 405, "http.method"],
  ])("does not know %s", async (what, status, code) => {
    const { ask } = aPolicyApi();
    expect(await ask(what)).toMatchObject({ status, body: { code } });
  });

  test("says which methods a path takes", async () => {
    const { ask } = aPolicyApi();
    expect((await ask("POST /global")).headers.get("allow")).toBe("PUT, DELETE, GET");
  });

  test.each([
    ["policy.invalid", 400],
    ["policy.unknown", 404],
    ["policy.conflict", 409],
    ["policy.unavailable", 503],
  ] as const)("answers %s with %i and the reason", async (code, status) => {
    const edit = () => Promise.reject(new GovernanceError(code, "policies[0].when: no such member"));
    const { ask } = aPolicyApi({ policy: aPolicyAdmin({ edit }) });
    expect(await ask("PUT /global", { body: full })).toMatchObject({
      status,
      body: { status: "error", code, error: "policies[0].when: no such member" },
    });
  });

  test("says that the policy service is away", async () => {
    const { ask } = aPolicyApi({ policy: { policy: noPolicy, asked: [] } });
    expect(await ask("GET ")).toMatchObject({ status: 503, body: { code: "policy.unavailable" } });
  });
});
