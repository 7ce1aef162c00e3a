import { GovernanceError, silentLog } from "@mcp-governance-bridge/shared";
import { RecordSettings } from "@mcp-governance-bridge/shared/configuration";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aLmdbStore } from "../../../test/adapters/record-stores.ts";
import { aCallAt, aClock, aReplica, type Clock } from "../../../test/an-audited-record.ts";
import { aBatch, aCompleted, type aDecided } from "../../../test/builders.ts";
import { createLostCalls } from "../../lost-calls.ts";
import type { Collection, RecordStore, Write } from "../../record-store.ts";
import { createRecorder } from "../../recorder.ts";
import { FACTS } from "../../records/facts.ts";
import { toWrites } from "../../records/to-writes.ts";
import { createRetention } from "../../retention/retention.ts";
import { temporarySigner } from "../signer.ts";
import { storeSource } from "./store-source.ts";
import { verify } from "./verify.ts";

const DAY_MS = 86_400_000;
const { signal } = new AbortController();

let store: RecordStore;
let clock: Clock;
/** What the next write of facts loses, and how it then ends. */
let failure: { loses(write: Write): boolean; error: Error } | undefined;
const signer = temporarySigner();
beforeEach(async () => {
  store = await aLmdbStore();
  clock = aClock();
  failure = undefined;
});
afterEach(() => store.close());

/** Keeps by half what fails, as a database does that has no transactions. */
const failing = (): RecordStore => ({
  ...store,
  async apply(writes) {
    const { loses, error } = (writes.some(({ fact }) => fact) && failure) || {};
    if (!(loses && error)) return store.apply(writes);
    failure = undefined;
    await store.apply(writes.filter((write) => !loses(write)));
    throw error;
  },
});
const losingBlocks = () => ({
  loses: ({ collection }: Write) => collection === "audit_blocks",
  error: new GovernanceError("store.unavailable", "connection lost"),
});

const aTracker = () => aReplica({ store: failing(), signer, clock });
const writesOf = (decided: ReturnType<typeof aDecided>) => toWrites(aBatch(decided), clock.now());
const retentionOf = (days: object) => RecordSettings.parse({ retention: days }).retention;
const findings = async (of = store) =>
  (await verify(storeSource(of, { isLive: of !== store }), { now: clock.now })).findings;

test("a loss that was recorded by half, and a tombstone, raise no suspicion", async () => {
  const tracker = aTracker();
  await tracker.record(writesOf(aCallAt(clock)));
  clock.pass(600_000);
  const lost = createLostCalls({ store, recorder: tracker, unknownAfterMs: 1, log: silentLog, now: clock.now });
  failure = losingBlocks();
  await expect(lost.run(signal)).rejects.toThrow("connection lost");
  expect(await store.aggregate("tool_logs", [{ $match: { status: "unknown" } }])).toHaveLength(1);

  const retention = () => retentionOf({ payloads: 3 });
  const runs = createRetention({ store, recorder: tracker, retention, log: silentLog, now: clock.now });
  failure = losingBlocks();
  await expect(runs.run(signal)).rejects.toThrow("connection lost");
  clock.pass(1_000);
  await runs.run(signal);
  await tracker.close();
  clock.pass(DAY_MS);
  expect(await store.aggregate("retention_runs", [])).toHaveLength(2);
  expect(await findings()).toEqual([]);
});

test("a write that was kept by half and comes again days later was kept when it says", async () => {
  const tracker = aTracker();
  const decided = aCallAt(clock);
  failure = losingBlocks();
  await expect(tracker.record(writesOf(decided))).rejects.toThrow("connection lost");
  clock.pass(3 * DAY_MS);
  await tracker.record(writesOf(decided));
  await tracker.close();
  clock.pass(DAY_MS);
  expect(await findings()).toEqual([]);
});

test("a letter that dies again after days was kept when it says", async () => {
  const tracker = aTracker();
  const letters = { events: [], dead: [{ subject: "governance.call.decided", payload: "{}", reason: "id: missing" }] };
  await tracker.record(toWrites(letters, clock.now()));
  clock.pass(7 * DAY_MS);
  await tracker.record(toWrites(letters, clock.now()));
  await tracker.close();
  clock.pass(DAY_MS);
  expect(await findings()).toEqual([]);
});

test("what the store refuses is not missed, though a block beside it tells of it", async () => {
  const tracker = aTracker();
  await tracker.record(writesOf(aCallAt(clock)));
  clock.pass(1_000);
  const [good, bad] = [aCallAt(clock), aCallAt(clock)];
  const refused = [bad.event.callId, bad.event.decision.decisionId];
  failure = { loses: ({ id }) => refused.includes(id), error: new Error("too large") };
  await expect(tracker.record(toWrites(aBatch(good, bad), clock.now()))).rejects.toThrow("too large");
  await tracker.record(writesOf(good));
  await tracker.close();
  clock.pass(DAY_MS);
  expect(await findings()).toEqual([]);
});

test("blocks that retention removes while they are read are not missed", async () => {
  const days = Object.fromEntries(Object.keys(FACTS).map((collection) => [collection, 30]));
  const tracker = aTracker();
  for (let call = 0; call < 80; call += 1) {
    const decided = aCallAt(clock);
    await tracker.record(toWrites(aBatch(decided, aCompleted(decided)), clock.now()));
    clock.pass(1_000);
  }
  clock.pass(32 * DAY_MS);
  await removeOlderThan(30);
  await tracker.record(writesOf(aCallAt(clock)));
  clock.pass(1_000);
  const retention = () => retentionOf(days);
  const runs = createRetention({ store, recorder: tracker, retention, log: silentLog, now: clock.now });
  let pages = 0;
  const meanwhile: RecordStore = {
    ...store,
    async aggregate(collection, pipeline) {
      const page = await store.aggregate(collection, pipeline);
      if (collection === "audit_blocks" && ++pages === 1) await runs.run(signal);
      return page;
    },
  };
  expect(await findings(meanwhile)).toEqual([]);
  expect((await store.aggregate("audit_blocks", [])).length).toBeLessThan(10);
  await tracker.close();
});

test("a block that is on its way while others are read is not missed", async () => {
  const [one, other] = [aTracker(), aTracker()];
  for (let call = 0; call < 40; call += 1) {
    for (const tracker of [one, other]) await tracker.record(writesOf(aCallAt(clock)));
    clock.pass(100);
  }
  let pages = 0;
  const early: RecordStore = {
    ...store,
    async aggregate(collection, pipeline) {
      const page = await store.aggregate(collection, pipeline);
      if (collection !== "audit_blocks" || ++pages > 1) return page;
      const [block] = await store.aggregate(collection, [{ $sort: { timestamp: 1 } }, { $skip: page.length }]);
      return [...page.toSpliced(-4, 1), ...(block ? [block] : [])];
    },
  };
  expect(await findings(early)).toEqual([]);
  await one.close();
  await other.close();
});

test("a chain that is long gone is missed by nobody, though trackers that run for months have seen it", async () => {
  const [first, second] = [
    aTracker(),
    createRecorder({ store, signer, log: silentLog, now: clock.now, checkpointMs: 1 }),
  ];
  await first.record(writesOf(aCallAt(clock)));
  await first.close();
  clock.pass(60_000);
  const days = Object.fromEntries(Object.keys(FACTS).map((collection) => [collection, 10]));
  const retention = () => retentionOf(days);
  const runs = createRetention({ store, recorder: second, retention, log: silentLog, now: clock.now });
  const isSigned = async () => {
    const [checkpoint] = await store.aggregate("audit_checkpoints", [{ $sort: { timestamp: -1 } }, { $limit: 1 }]);
    expect(checkpoint?.timestamp).toEqual(clock.now());
    expect(second.unsealedSince()).toBeNull();
  };
  for (let day = 0; day < 40; day += 1) {
    await second.record(writesOf(aCallAt(clock)));
    await vi.waitFor(isSigned, { interval: 2 });
    await removeOlderThan(10.1);
    await runs.run(signal);
    await vi.waitFor(isSigned, { interval: 2 });
    expect(await findings()).toEqual([]);
    clock.pass(DAY_MS);
  }
  expect((await store.aggregate("audit_checkpoints", [])).length).toBeLessThan(50);
  await second.close();
});

async function removeOlderThan(days: number): Promise<void> {
  const before = new Date(clock.now().getTime() - days * DAY_MS);
  for (const collection of Object.keys(FACTS) as Collection[]) {
    const gone = await store.aggregate(collection, [{ $match: { timestamp: { $lt: before } } }]);
    await store.remove(
      collection,
      gone.map(({ _id }) => String(_id)),
    );
  }
}
