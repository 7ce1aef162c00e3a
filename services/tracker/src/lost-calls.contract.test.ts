import { type Batch, silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aRecorder, aTracker } from "../test/a-tracker.ts";
import { recordStores } from "../test/adapters/record-stores.ts";
import { aBatch, aCompleted, aDecided, aDenied, START } from "../test/builders.ts";
import { createLostCalls } from "./lost-calls.ts";
import type { RecordStore, Write } from "./record-store.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

const MINUTE_MS = 60_000;
const unknownAfterMs = 15 * MINUTE_MS;
const running = new AbortController().signal;

describe.each(recordStores(uri))("lost calls on %s", (_name, open, available) => {
  let store: RecordStore;
  let handle: (batch: Batch) => Promise<void>;
  let recorded: Write[];
  beforeEach(async () => {
    if (!available) return;
    store = await open();
    handle = await aTracker(store);
    recorded = [];
  });
  afterEach(() => store?.close());

  /** `age` is how long after the calls it is. */
  const lostCalls = (age = 16 * MINUTE_MS) => {
    const chain = aRecorder(store);
    const recorder = {
      record: async (writes: readonly Write[]) => {
        recorded.push(...writes);
        await chain.record(writes);
      },
    };
    return createLostCalls({ store, recorder, unknownAfterMs, log: silentLog, now: () => new Date(Date.now() + age) });
  };
  /** A call of this moment. */
  const aCall = () => aDecided({ startedAt: new Date().toISOString(), at: new Date().toISOString() });
  const statusOf = async (id: string) => (await store.aggregate("tool_logs", [{ $match: { _id: id } }]))[0];

  test.runIf(available)(
    "a call whose end nobody saw in time is recorded as unknown, with a fact of its own",
    async () => {
      const call = aCall();
      await handle(aBatch(call));
      expect(await lostCalls().run(running)).toBe(1);
      expect(await statusOf(call.event.callId)).toMatchObject({
        event_type: "tool_completion",
        status: "unknown",
        end_time: null,
        duration_ms: null,
        outcome: { transport: "unknown", rpc: null, tool_error: null },
        error_message: "nobody saw the end of the call, which may have run",
        inputs: { city: "Bern" },
      });
      expect(recorded.filter(({ fact }) => fact)).toMatchObject([
        { id: call.event.callId, fact: { part: "lost", at: new Date(call.event.startedAt) } },
      ]);
      expect(recorded.map(({ collection }) => collection)).toContain("usage_marks");
      expect(await lostCalls().run(running)).toBe(0);
    },
  );

  test.runIf(available)("G2: an end that comes later still wins, in whatever order they are written", async () => {
    const [late, early] = [aCall(), aCall()];
    const lostWrites: Write[] = [];
    await handle(aBatch(late, early));
    await lostCalls().run(running);
    lostWrites.push(...recorded.filter(({ id }) => id === early.event.callId));
    await handle(aBatch(aCompleted(late)));

    await handle(aBatch(aCompleted(early)));
    await aRecorder(store).record(lostWrites);
    const expected = { status: "success", duration_ms: 20, outcome: { transport: "ok" }, error_message: null };
    expect(await statusOf(late.event.callId)).toMatchObject(expected);
    expect(await statusOf(early.event.callId)).toMatchObject(expected);
  });

  test.runIf(available)("calls that ended, were denied, or have time left are left alone", async () => {
    const [ended, denied, fresh] = [aCall(), aDenied(), aCall()];
    await handle(aBatch(ended, aCompleted(ended), denied));
    expect(await lostCalls().run(running)).toBe(0);
    await handle(aBatch(fresh));
    expect(await lostCalls(14 * MINUTE_MS).run(running)).toBe(0);
    expect(await statusOf(fresh.event.callId)).toMatchObject({ status: "invocation request received" });
  });

  test.runIf(available)("a tracker that was away for long has the same time to hear of the end", async () => {
    await handle(aBatch(aDecided({ startedAt: START })));
    expect(await lostCalls(MINUTE_MS).run(running)).toBe(0);
    expect(await lostCalls().run(running)).toBe(1);
  });

  test.runIf(available)("many are closed a page at a time, until the signal says stop", async () => {
    await handle(aBatch(...Array.from({ length: 1_100 }, aCall)));
    const stopping = new AbortController();
    stopping.abort();
    expect(await lostCalls().run(stopping.signal)).toBe(0);
    expect(await lostCalls().run(running)).toBe(1_100);
    expect(await store.aggregate("tool_logs", [{ $match: { event_type: "tool_invocation" } }])).toEqual([]);
  });
});
