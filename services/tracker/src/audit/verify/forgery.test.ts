import { silentLog } from "@mcp-governance-bridge/shared";
import { RecordSettings } from "@mcp-governance-bridge/shared/configuration";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aLmdbStore } from "../../../test/adapters/record-stores.ts";
import { aCallAt, aClock, aReplica, type Clock } from "../../../test/an-audited-record.ts";
import { aBatch, aCompleted } from "../../../test/builders.ts";
import type { RecordStore } from "../../record-store.ts";
import { FACTS } from "../../records/facts.ts";
import { toWrites } from "../../records/to-writes.ts";
import { createRetention } from "../../retention/retention.ts";
import { blockId, blocksAfter, leavesOf } from "../chain.ts";
import type { Block, Head } from "../evidence.ts";
import { temporarySigner } from "../signer.ts";
import { storeSource } from "./store-source.ts";
import { verify } from "./verify.ts";

const HOUR_MS = 3_600_000;

let store: RecordStore;
let clock: Clock;
const signer = temporarySigner();
beforeEach(async () => {
  store = await aLmdbStore();
  clock = aClock();
});
afterEach(() => store.close());

const aTracker = () => aReplica({ store, signer, clock });
const aCall = (at = clock) => {
  const decided = aCallAt(at);
  return toWrites(aBatch(decided, aCompleted(decided, { at: at.iso() })), at.now());
};
const findings = async () => (await verify(storeSource(store, { isLive: false }), { now: clock.now })).findings;
const blocks = async () =>
  (await store.aggregate("audit_blocks", [{ $sort: { timestamp: 1, _id: 1 } }])) as unknown as (Block & {
    _id: string;
  })[];

/** By somebody who can write to the store and has no key of ours. */
async function forge(head: Head, told: Clock, stored = told): Promise<string[]> {
  const writes = aCall(told).map((write) => ({
    ...write,
    ...(write.setOnInsert?.stored_at !== undefined && {
      setOnInsert: { ...write.setOnInsert, stored_at: stored.now() },
    }),
  }));
  const forged = blocksAfter(leavesOf(writes), { head, timestamp: told.now(), signer: temporarySigner() });
  const kept = forged.map((block) => ({
    collection: "audit_blocks" as const,
    id: blockId(block.partition, block.seq),
    set: { ...block },
  }));
  await store.apply([...writes, ...kept]);
  return writes.filter(({ fact }) => fact).map(({ id }) => id);
}

test("what is put after the end of a chain whose tracker was killed is found, also when the next one has seen it", async () => {
  const killed = aTracker();
  await killed.record(aCall());
  clock.pass(1_000);
  await killed.record(aCall());
  const { partition, seq, hash } = (await blocks()).at(-1) as Block;
  clock.pass(2_000);
  const ids = await forge({ partition, seq, hash }, clock);

  clock.pass(5_000);
  const next = aTracker();
  await next.record(aCall());
  await next.close();
  clock.pass(HOUR_MS);
  const found = await findings();
  for (const id of ids) expect(found).toContainEqual(expect.objectContaining({ kind: "inserted", id }));
  expect(found).toContainEqual(expect.objectContaining({ kind: "bad_signature", partition, seq: seq + 1 }));
});

test("a chain of one's own, of a time to come, excuses no record that was inserted", async () => {
  const tracker = aTracker();
  await tracker.record(aCall());
  const ids = await forge(
    { partition: "forged", seq: 0, hash: "0" },
    aClock(clock.now().getTime() + 40 * HOUR_MS),
    aClock(clock.now().getTime() + 20 * HOUR_MS),
  );
  clock.pass(HOUR_MS);
  await tracker.record(aCall());
  await tracker.close();
  clock.pass(HOUR_MS);
  const found = await findings();
  for (const id of ids) expect(found).toContainEqual(expect.objectContaining({ kind: "inserted", id }));
});

test("blocks that were made to look old are not excused by a tombstone", async () => {
  const tracker = aTracker();
  for (let call = 0; call < 5; call += 1) {
    await tracker.record(aCall());
    clock.pass(1_000);
  }
  const early = (await blocks()).slice(0, 3);
  const old = new Date(1_000);
  const last = early.at(-1) as (typeof early)[number];
  const set = { timestamp: old, first_at: old, last_at: old };
  await store.apply([{ collection: "audit_blocks", id: last._id, set }]);
  const days = Object.fromEntries(Object.keys(FACTS).map((collection) => [collection, 30]));
  const { retention } = RecordSettings.parse({ retention: days });
  const options = { store, recorder: tracker, log: silentLog, retention: () => retention, now: clock.now };
  await createRetention(options).run(new AbortController().signal);

  for (const block of early) {
    await store.remove("audit_blocks", [block._id]);
    for (const [collection, , id] of block.leaves) await store.remove(collection, [id]);
  }
  await tracker.close();
  const { partition } = last;
  expect(await findings()).toContainEqual(expect.objectContaining({ kind: "missing_block", partition, seq: 1 }));
});

test("a member is missed that nothing has told yet", async () => {
  const tracker = aTracker();
  const decided = aCallAt(clock);
  await tracker.record(toWrites(aBatch(decided), clock.now()));
  await tracker.close();
  clock.pass(HOUR_MS);
  expect(await findings()).toEqual([]);
  const { callId: id } = decided.event;
  const [call] = await store.aggregate("tool_logs", [{ $match: { _id: id } }]);
  const { _id, masked: _masked, ...set } = call ?? {};
  await store.remove("tool_logs", [id]);
  await store.apply([{ collection: "tool_logs", id, set }]);
  expect(await findings()).toMatchObject([{ kind: "changed", collection: "tool_logs", id }]);
});
