import { randomUUID } from "node:crypto";
import type { Published } from "@mcp-governance-bridge/shared";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { aBatch, aCompleted, aDecided, aDenied, after, aPermit } from "../../test/builders.ts";
import type { RecordStore } from "../record-store.ts";
import { toWrites } from "../records/to-writes.ts";
import { findDecision } from "./decision-records.ts";
import { type RecordedCall, recordedCalls } from "./recorded-calls.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

const DAY = 86_400_000;
let days = 0;

describe.each(recordStores(uri))("calls on record in %s", (_name, open, available) => {
  let store: RecordStore;
  beforeAll(async () => {
    if (available) store = await open();
  });
  afterAll(() => store?.close());

  /** A time of the test's own, after which nothing is on record. */
  const aDay = () => {
    days += 1;
    return days * DAY;
  };
  const keep = (...events: Published[]) => store.apply(toWrites(aBatch(...events), new Date()));
  const callsSince = async (ms: number): Promise<RecordedCall[]> => {
    const calls: RecordedCall[] = [];
    for await (const call of recordedCalls(store, new Date(after(ms)))) calls.push(call);
    return calls;
  };
  /** Decided at the first time, recorded at the second. */
  const decidedAt = (at: number, toldAt = at, counters: RecordedCall["counters"] = []) =>
    aDecided({
      at: after(toldAt),
      decision: aPermit({ facts: { at: after(at), labels: ["private_data"], counters: [...counters] } }),
    });

  test.runIf(available)("say what was asked, how it came out and when it ended", async () => {
    const day = aDay();
    const permit = decidedAt(day, day, [{ rule: "weather.rate_limit", used: 4, permits: 5 }]);
    const annotations = { readOnlyHint: true };
    const permitted = { ...permit, event: { ...permit.event, roles: ["dev"], annotations } };
    const end = aCompleted(permitted, { at: after(day + 20) });
    const { event: denial } = aDenied({ at: after(day + 40) });
    const decision = { ...denial.decision, facts: { at: after(day + 39), labels: [], counters: [] } };
    await keep(permitted, end, { subject: "governance.call.decided", event: { ...denial, decision } });

    const [first, second, ...others] = await callsSince(day);
    expect(others).toEqual([]);
    const { callId, sessionId, principal, client, server, method, target } = permitted.event;
    expect(first).toEqual({
      decisionId: permitted.event.decision.decisionId,
      request: {
        ...{ callId, sessionId, principal, client, server, method, target },
        roles: ["dev"],
        annotations,
        arguments: { city: "Bern" },
      },
      at: new Date(after(day)),
      outcome: { effect: "permit", rule: null, code: null, obligations: [] },
      labels: ["private_data"],
      counters: [{ rule: "weather.rate_limit", used: 4, permits: 5 }],
      end: { at: new Date(after(day + 20)), isAnswered: true },
      obstacle: undefined,
      notes: [],
    });
    expect(second).toMatchObject({
      outcome: { effect: "deny", rule: "weather.rate_limit", code: "rate_limit" },
      end: undefined,
      obstacle: undefined,
    });
  });

  test.runIf(available)("come in the order in which they were decided on, over pages", async () => {
    const day = aDay();
    const batch = Array.from({ length: 2_345 }, (_, index) => decidedAt(day + (index % 700), day + 700 + index));
    await keep(...batch.toReversed());
    const times = (await callsSince(day)).map(({ at }) => at.getTime());
    expect(times).toHaveLength(batch.length);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  test.runIf(available)("of one millisecond come by what was in use", async () => {
    const day = aDay();
    const used = [3, 0, 2, 1];
    await keep(...used.map((each) => decidedAt(day, day, [{ rule: "weather.rate_limit", used: each, permits: 4 }])));
    expect((await callsSince(day)).map(({ counters }) => counters[0]?.used)).toEqual([0, 1, 2, 3]);
  });

  test.runIf(available)("say why they cannot be decided again", async () => {
    const day = aDay();
    const cut = { text: '{"city":"Be', size: 90_000, truncated: true };
    const { event } = aDenied();
    const facts = { at: after(day + 4), labels: [], counters: [] };
    const away = { ...event.decision, facts, code: "counters_unavailable" as const };
    const local = { rule: "weather.rate_limit", dependency: "counters", mode: "local" } as const;
    await keep(
      aDecided({ ...decidedAt(day).event, callId: randomUUID(), inputs: null }),
      aDecided({ ...decidedAt(day + 1).event, inputs: cut }),
      aDecided({ at: after(day + 2), decision: aPermit({ facts: null, revision: "none" }) }),
      aDecided({
        at: after(day + 3),
        decision: aPermit({ facts: { ...facts, at: after(day + 3) }, degraded: [local] }),
      }),
      { subject: "governance.call.decided", event: { ...event, at: after(day + 4), decision: away } },
    );
    expect((await callsSince(day)).map(({ obstacle }) => obstacle)).toEqual([
      "its arguments were not kept (log_inputs)",
      "its arguments were kept in part only (max_log_size)",
      "no policy was reached",
      "counters or labels were away",
      "counters or labels were away",
    ]);
  });

  test.runIf(available)("are without an answer where none came, and without an end where nobody saw one", async () => {
    const day = aDay();
    const [lost, open] = [decidedAt(day), decidedAt(day + 1)];
    const outcome = { transport: "timeout", rpc: null, toolError: null } as const;
    await keep(lost, open, aCompleted(lost, { outcome, status: "error", outputs: null }));
    expect((await callsSince(day)).map(({ end }) => end?.isAnswered)).toEqual([false, undefined]);
  });

  test.runIf(available)("are found by their decision", async () => {
    const decided = decidedAt(aDay());
    await keep(decided);
    const { decisionId } = decided.event.decision;
    expect(await findDecision(store, decisionId)).toMatchObject({
      decision: { decision_id: decisionId },
      call: { call_id: decided.event.callId },
    });
    expect(await findDecision(store, randomUUID())).toBeUndefined();
  });

  test.runIf(available)("of a record without roles and annotations say so", async () => {
    const day = aDay();
    const decided = decidedAt(day);
    const writes = toWrites(aBatch(decided), new Date()).map((write) => {
      const { roles: _, annotations: __, ...set } = write.set;
      return { ...write, set };
    });
    await store.apply(writes);
    expect(await callsSince(day)).toMatchObject([
      { request: { roles: [] }, notes: ["Roles and annotations are not on record: none are assumed."] },
    ]);
  });
});
