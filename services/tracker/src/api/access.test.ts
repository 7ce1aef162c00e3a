import { GovernanceError, silentLog } from "@mcp-governance-bridge/shared";
import { expect, test } from "vitest";
import { z } from "zod";
import { served } from "../../test/served.ts";
import type { Edits } from "./edits.ts";
import { type Access, endpoint } from "./endpoint.ts";
import { createGovernanceApi } from "./governance-api.ts";

const TOKEN = "correct-horse-battery";

function anApi({
  access = "trail",
  edits = "off",
  accepting = true,
}: {
  access?: Access;
  edits?: Edits;
  accepting?: boolean;
} = {}) {
  const told: string[] = [];
  const events: object[] = [];
  const api = createGovernanceApi({
    edits,
    log: silentLog,
    readings: {
      accepting,
      tell(subject, event) {
        told.push(`told ${subject}`);
        events.push(event);
      },
    },
    endpoints: [
      endpoint({
        method: "GET",
        path: "/governance/things/:id",
        summary: "A thing",
        access,
        params: z.object({ id: z.string().max(5) }),
        query: z.strictObject({ q: z.string().optional() }),
        data: z.null(),
        async answer({ params: { id } }) {
          told.push("answered");
          if (id === "none") throw new GovernanceError("record.unknown", "no such thing");
          return { json: "null" };
        },
      }),
    ],
  });
  return { api, told, events };
}

test("tells who read the record, from where and what, before it answers", async () => {
  const { api, told, events } = anApi();
  const { url, close } = await served(api);
  const headers = { "x-forwarded-for": "203.0.113.5, 10.0.0.2" };
  expect((await fetch(`${url}/governance/things/17?q=a%20b`, { headers })).status).toBe(200);
  await close();
  expect(told).toEqual(["told governance.record.read", "answered"]);
  expect(events).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      at: expect.stringMatching(/Z$/),
      reader: "anonymous",
      address: "203.0.113.5, 10.0.0.2, 127.0.0.1",
      route: "GET /governance/things/:id",
      path: "/governance/things/17",
      query: { q: "a b" },
    },
  ]);
});

test("tells that it was the admin where the token says so", async () => {
  const { api, events } = anApi({ edits: { token: TOKEN } });
  await api.app.request("/governance/things/17", { headers: { authorization: `Bearer ${TOKEN}` } });
  await api.app.request("/governance/things/17", { headers: { authorization: "Bearer of something else" } });
  expect(events).toMatchObject([
    { reader: "admin", address: null },
    { reader: "anonymous", address: null },
  ]);
});

test("tells of a question that finds nothing, and of none that is no question", async () => {
  const { api, told } = anApi();
  expect((await api.app.request("/governance/things/none")).status).toBe(404);
  expect(told).toEqual(["told governance.record.read", "answered"]);
  expect((await api.app.request("/governance/things/too-long")).status).toBe(400);
  expect((await api.app.request("/governance/things/17?p=1")).status).toBe(400);
  expect(told).toHaveLength(2);
});

test("does not answer where that could not be recorded", async () => {
  const { api, told } = anApi({ accepting: false });
  const refused = await api.app.request("/governance/things/17");
  expect([refused.status, await refused.json()]).toMatchObject([503, { code: "audit.unavailable" }]);
  expect(told).toEqual([]);
});

test("tells nothing of what is open to all", async () => {
  const { api, told } = anApi({ access: "open", accepting: false });
  expect((await api.app.request("/governance/things/17")).status).toBe(200);
  expect(told).toEqual(["answered"]);
});
