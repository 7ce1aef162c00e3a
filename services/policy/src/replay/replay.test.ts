import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { someDocument, someRequest } from "../../test/random-policies.ts";
import { aDeniedCall, aRecordedCall, recordOf, replayed } from "../../test/recorded-calls.ts";

const redact = { id: "mail", action: "redact" as const, patterns: ["@"] };
const noCalls = { policies: [{ id: "none", effect: "deny" as const }] };

describe("a replay", () => {
  test("by the policy that decided changes nothing, whatever rules, limits, sessions and times", async () => {
    const calls = fc.array(
      fc.record({
        request: fc
          .tuple(someRequest, fc.constantFrom("session-1", "session-2"))
          .map(([request, sessionId]) => ({ ...request, sessionId })),
        waitMs: fc.constantFrom(0, 1, 400, 1_000, 30_000),
        lastsMs: fc.constantFrom(0, 500, 2_000, 90_000, undefined),
      }),
      { maxLength: 25 },
    );
    const limits = fc.subarray([
      { id: "second", by: ["principal" as const], permits: { second: 1 } },
      { id: "minute", permits: { minute: 4 }, cost: 2 },
      { id: "day", daily: 9, by: ["tool" as const] },
      { id: "open", concurrent: 1, by: ["session" as const] },
      { id: "value", by: [{ argument: "/n" }], permits: { hour: 3 } },
    ]);
    await fc.assert(
      fc.asyncProperty(someDocument, limits, calls, async ({ global, server }, asked, made) => {
        const parts = { global: { ...global, limits: asked }, server: { ...server, results: [redact] } };
        let ms = 0;
        const timed = made.map(({ waitMs, ...call }) => {
          ms += waitMs;
          return { ...call, ms };
        });
        const record = await recordOf(timed, parts);
        const report = await replayed(record, parts);
        expect(report).toMatchObject({ read: made.length, same: made.length, byRule: [], examples: [] });
        expect(report.counters.same).toBe(report.counters.compared);
      }),
      { numRuns: 300 },
    );
  });

  test("says what would be denied, by rule, tool and principal, with examples", async () => {
    const request = { principal: "alice", target: "get_map" };
    const calls = [aRecordedCall({ request }), aRecordedCall({ ms: 5, request }), aRecordedCall({ ms: 6 })];
    const policies = [{ id: "no-maps", effect: "deny" as const, tools: ["get_map"], reason: "No maps." }];
    const report = await replayed(calls, { server: { policies } });
    const changes = { newlyDenied: 2, newlyPermitted: 0, otherObligations: 0 };
    expect(report).toMatchObject({
      ...{ read: 3, same: 1, ...changes },
      byRule: [{ rule: "weather.policies.no-maps", ...changes }],
      byTool: [{ server: "weather", target: "get_map", ...changes }],
      byPrincipal: [{ principal: "alice", ...changes }],
    });
    expect(report.examples[0]).toEqual({
      decisionId: calls[0]?.decisionId,
      at: "2026-01-15T12:30:00.000Z",
      principal: "alice",
      server: "weather",
      target: "get_map",
      change: "newly denied",
      before: { effect: "permit", rule: null, code: null },
      after: { effect: "deny", rule: "weather.policies.no-maps", code: "policy_rule", reason: "No maps." },
    });
  });

  test("says what would be permitted, by the rule that denied it", async () => {
    const report = await replayed([aDeniedCall()], {});
    expect(report).toMatchObject({ newlyPermitted: 1, byRule: [{ rule: "weather.rate_limit", newlyPermitted: 1 }] });
  });

  test("says where a result would be treated otherwise, by the rules that differ", async () => {
    const report = await replayed([aRecordedCall()], { server: { results: [redact] } });
    expect(report).toMatchObject({
      ...{ same: 0, newlyDenied: 0, otherObligations: 1 },
      byRule: [{ rule: "weather.results.mail", otherObligations: 1 }],
    });
  });

  test("counts a call that is denied by another rule as one that comes out as before", async () => {
    const report = await replayed([aDeniedCall()], { server: noCalls });
    expect(report).toMatchObject({ same: 0, otherRule: 1, newlyDenied: 0, newlyPermitted: 0, byRule: [] });
    expect(report.examples).toMatchObject([{ change: "rule", after: { rule: "weather.policies.none" } }]);
  });

  test("shows five examples of each kind and no more", async () => {
    const calls = Array.from({ length: 9 }, (_, ms) => aRecordedCall({ ms }));
    const report = await replayed(calls, { server: noCalls });
    expect(report.examples.map(({ at }) => at.slice(-4))).toEqual(["000Z", "001Z", "002Z", "003Z", "004Z"]);
  });
});

describe("the time of a replay", () => {
  const perMinute = (permits: number) => ({ server: { limits: [{ id: "fair", permits: { minute: permits } }] } });

  test("is that of the record: permits come back when they did", async () => {
    const calls = [0, 59_999, 60_000].map((ms) => aRecordedCall({ ms }));
    const { examples, newlyDenied } = await replayed(calls, perMinute(1));
    expect(newlyDenied).toBe(1);
    expect(examples).toMatchObject([{ at: "2026-01-15T12:30:59.999Z", after: { rule: "weather.limits.fair" } }]);
  });

  test("goes by the schedule of the candidate", async () => {
    const calls = [aRecordedCall(), aRecordedCall({ ms: 1_800_000 })];
    const report = await replayed(calls, { server: { allowed_hours: [12] } });
    expect(report).toMatchObject({ newlyDenied: 1, byRule: [{ rule: "weather.allowed_hours" }] });
  });

  test("begins before what is reported, so that the limits are as used up as they were", async () => {
    const calls = [aRecordedCall(), aRecordedCall({ ms: 10 })];
    expect(await replayed(calls, perMinute(1), 10)).toMatchObject({ read: 1, newlyDenied: 1 });
  });

  test("frees what a call held when it ended", async () => {
    const parts = { server: { max_concurrent_sessions: 1 } };
    const calls = [
      aRecordedCall({ endMs: 100 }),
      aRecordedCall({ ms: 99 }),
      aRecordedCall({ ms: 100, endMs: undefined }),
      aRecordedCall({ ms: 60_000 }),
    ];
    const { examples } = await replayed(calls, parts);
    expect(examples.map(({ at }) => at.slice(14, 23))).toEqual(["30:00.099", "31:00.000"]);
  });

  test("lets a call that was denied last as long as the last one of its kind", async () => {
    const parts = { server: { max_concurrent_sessions: 1 } };
    const calls = [
      aRecordedCall({ endMs: 50 }),
      aDeniedCall({ ms: 100 }),
      aRecordedCall({ ms: 149 }),
      aRecordedCall({ ms: 150 }),
    ];
    const { examples } = await replayed(calls, parts);
    expect(examples.map(({ change, at }) => [change, at.slice(-4)])).toEqual([
      ["newly permitted", "100Z"],
      ["newly denied", "149Z"],
    ]);
  });
});

describe("sessions of a replay", () => {
  const parts = {
    global: {
      labels: [
        { tools: ["read"], labels: ["private_data"] },
        { tools: ["send"], labels: ["sends_out"] },
      ],
      policies: [{ id: "leak", effect: "deny" as const, closes: ["private_data", "sends_out"] }],
    },
  };
  const read = (more: object = {}) => aRecordedCall({ request: { target: "read" }, endMs: 10, ...more });
  const send = (more: object = {}) => aRecordedCall({ request: { target: "send" }, ms: 20, ...more });

  test("carry the labels of calls that ended with an answer", async () => {
    expect(await replayed([read(), send()], parts)).toMatchObject({ newlyDenied: 1 });
    const lost = { ...read(), end: { at: new Date(0), isAnswered: false } };
    expect(await replayed([lost, send()], parts)).toMatchObject({ newlyDenied: 0 });
    expect(await replayed([read({ endMs: 30 }), send()], parts)).toMatchObject({ newlyDenied: 0 });
    expect(await replayed([read(), send({ request: { target: "send", sessionId: "other" } })], parts)).toMatchObject({
      newlyDenied: 0,
    });
  });

  test("begin with the labels that they carried", async () => {
    expect(await replayed([send({ labels: ["private_data"] })], parts)).toMatchObject({ newlyDenied: 1 });
    expect(await replayed([send(), send({ ms: 30, labels: ["private_data"] })], parts)).toMatchObject({
      newlyDenied: 0,
    });
  });
});

describe("calls that cannot be decided again", () => {
  const obstacle = "its arguments were not kept (log_inputs)";

  test("are counted by why that is", async () => {
    const calls = [
      aRecordedCall({ obstacle }),
      aDeniedCall({ obstacle: "no policy was reached" }),
      aRecordedCall({ obstacle }),
    ];
    expect(await replayed(calls, { server: noCalls })).toMatchObject({
      ...{ read: 3, same: 0, newlyDenied: 0 },
      notReplayed: [
        { why: obstacle, calls: 2 },
        { why: "no policy was reached", calls: 1 },
      ],
    });
  });

  test("use up what they did, where they were permitted", async () => {
    const parts = { server: { limits: [{ id: "fair", permits: { minute: 1 } }] } };
    expect(await replayed([aRecordedCall({ obstacle }), aRecordedCall()], parts)).toMatchObject({ newlyDenied: 1 });
    expect(await replayed([aDeniedCall({ obstacle }), aRecordedCall()], parts)).toMatchObject({ newlyDenied: 0 });
  });
});

test("a replay says how many counts are as on record, and what it assumed", async () => {
  const note = "Roles and annotations are not on record: none are assumed.";
  const counted = (used: number, permits = 100) => [{ rule: "weather.rate_limit", used, permits }];
  const calls = [
    aRecordedCall({ counters: counted(0), notes: [note] }),
    aRecordedCall({ counters: counted(7) }),
    aRecordedCall({ counters: counted(7, 8) }),
  ];
  expect(await replayed(calls, {})).toMatchObject({
    counters: { compared: 2, same: 1 },
    assumed: [{ note, calls: 1 }],
  });
});
