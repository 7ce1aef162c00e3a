import { randomUUID } from "node:crypto";
import type { Published } from "@mcp-governance-bridge/shared";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aPolicyAdmin } from "../../test/a-policy-admin.ts";
import { anApi } from "../../test/a-policy-api.ts";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { aBatch, aCompleted, aDecided, aDenied, aPermit, aShadow } from "../../test/builders.ts";
import type { RecordStore } from "../record-store.ts";
import { toWrites } from "../records/to-writes.ts";

const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

let store: RecordStore;
beforeEach(async () => {
  store = await aLmdbStore();
});
afterEach(() => store.close());

const keep = (...events: Published[]) => store.apply(toWrites(aBatch(...events), new Date()));

/** `path` is below `/governance`. */
async function ask(path: string, policy = aPolicyAdmin().policy) {
  const { app } = anApi({ store, policy, edits: "off" });
  const response = await app.request(`/governance${path}`);
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe("GET /governance/decisions", () => {
  const tools = async (query: string): Promise<string[]> =>
    (await ask(`/decisions${query}`)).body.data.map(({ tool_name }: { tool_name: string }) => tool_name);

  beforeEach(async () => {
    await keep(
      aDecided({ at: ago(1), target: "recent" }),
      aDenied({ at: ago(2), target: "denied", server: "files", sessionId: "session-2" }),
      aDecided({ at: ago(3), target: "tried", principal: "ada", decision: aPermit({ shadows: [aShadow()] }) }),
      aDecided({ at: ago(48), target: "old" }),
    );
  });

  test("row 71: answers allowed and denied ones of the last day, newest first", async () => {
    expect(await tools("")).toEqual(["recent", "denied", "tried"]);
  });

  test.each([
    ["?hours=72", ["recent", "denied", "tried", "old"]],
    ["?hours=0&limit=2", ["recent", "denied"]],
    ["?hours=1.5", ["recent"]],
    ["?server_name=files", ["denied"]],
    ["?tool_name=tried", ["tried"]],
    ["?session_id=session-2", ["denied"]],
    ["?principal=ada", ["tried"]],
    ["?decision=denied", ["denied"]],
    ["?decision=allowed", ["recent", "tried"]],
    ["?rule=weather.rate_limit", ["denied"]],
    ["?code=rate_limit", ["denied"]],
    ["?code=policy_rule", []],
    ["?shadow=true", ["tried"]],
    ["?shadow=false", ["recent", "denied"]],
  ])("answers %s", async (query, expected) => {
    expect(await tools(query)).toEqual(expected);
  });

  test.each([
    ["?decision=maybe", "decision"],
    ["?code=bad_luck", "code"],
    ["?shadow=yes", "shadow"],
    ["?limit=0", "limit"],
    ["?effect=deny", "effect"],
  ])("refuses %s and says why", async (query, name) => {
    expect(await ask(`/decisions${query}`)).toEqual({
      status: 400,
      body: { status: "error", error: expect.stringContaining(name), code: "request.invalid" },
    });
  });

  test("row 72: tells code, rule, reason, session, client and what was known", async () => {
    const { data } = (await ask("/decisions?decision=denied")).body;
    expect(data[0]).toMatchObject({
      decision: "denied",
      policy_violation: "rate_limit",
      session_id: "session-2",
      client: { name: "inspector" },
      facts: { at: "2026-03-01T10:00:00.000Z", counters: [{ rule: "weather.rate_limit", used: 4, permits: 5 }] },
    });
    expect(data[0].decision_id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("GET /governance/shadows", () => {
  const tried = (hours: number, change: Parameters<typeof aDecided>[0], ...rules: string[]) =>
    aDecided({ at: ago(hours), decision: aPermit({ shadows: rules.map((rule) => aShadow({ rule })) }), ...change });

  test("counts would-be denials by rule, revision, server, tool and principal, the most frequent first", async () => {
    const last = tried(1, { target: "delete" }, "policies.a", "policies.b");
    await keep(
      last,
      tried(2, { target: "delete" }, "policies.a"),
      tried(3, { target: "drop" }, "policies.a"),
      aDecided(),
    );
    const { data } = (await ask("/shadows?hours=24")).body;
    expect(data[0]).toEqual({
      rule: "policies.a",
      revision: "r1-0123456789ab",
      server_name: "weather",
      tool_name: "delete",
      principal: "anonymous",
      denials: 2,
      last_at: last.event.at,
    });
    const counts = data.map((row: Record<string, unknown>) => [row.rule, row.tool_name, row.denials]);
    expect(counts.slice(1)).toEqual([
      ["policies.b", "delete", 1],
      ["policies.a", "drop", 1],
    ]);
    expect((await ask("/shadows?hours=1.5")).body.data).toHaveLength(2);
    expect((await ask("/shadows?limit=1")).body.data).toHaveLength(1);
  });

  test("answers nothing where no rule is on trial", async () => {
    await keep(aDecided({ at: ago(1) }), aDenied({ at: ago(1) }));
    expect(await ask("/shadows")).toEqual({ status: 200, body: { status: "success", data: [] } });
  });
});

describe("GET /governance/decisions/:id", () => {
  test("tells the decision and its call", async () => {
    const decided = aDecided({ inputs: { text: '{"id":9223372036854775807}', size: 26, truncated: false } });
    await keep(decided, aCompleted(decided));
    const { decisionId } = decided.event.decision;
    const { app } = anApi({ store, policy: aPolicyAdmin().policy, edits: "off" });
    const text = await (await app.request(`/governance/decisions/${decisionId}`)).text();
    expect(text).toContain('"inputs":{"id":9223372036854775807}');
    expect(JSON.parse(text)).toMatchObject({
      status: "success",
      data: { decision: { decision_id: decisionId }, call: { call_id: decided.event.callId, status: "success" } },
    });
  });

  test.each(["", "/explain"])("answers 404 for one that there is not, %s", async (more) => {
    expect(await ask(`/decisions/${randomUUID()}${more}`)).toMatchObject({
      status: 404,
      body: { code: "policy.unknown", error: "no such decision" },
    });
    expect(await ask(`/decisions/17${more}`)).toMatchObject({ status: 400, body: { code: "request.invalid" } });
    expect(await ask(`/decisions/${randomUUID()}${more}?hours=1`)).toMatchObject({ status: 400 });
  });
});
