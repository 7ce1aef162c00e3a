import { randomUUID } from "node:crypto";
import { type Published, silentLog } from "@mcp-governance-bridge/shared";
import type { Checkpoint } from "../src/audit/evidence.ts";
import { CHAINED } from "../src/audit/facts.ts";
import { type Signer, temporarySigner } from "../src/audit/signer.ts";
import { createLostCalls } from "../src/lost-calls.ts";
import type { Collection, Document, RecordStore, Write } from "../src/record-store.ts";
import { createRecorder } from "../src/recorder.ts";
import { toWrites } from "../src/records/to-writes.ts";
import { aBatch, aCompleted, aDecided, aDenied, aPolicyChanged, START } from "./builders.ts";

const SECOND = 1_000;
const NEVER_MS = 2 ** 30;

/** A clock that goes on when it is told to. */
export function aClock(start = Date.parse(START)) {
  let time = start;
  return {
    now: () => new Date(time),
    iso: () => new Date(time).toISOString(),
    pass(ms: number): void {
      time += ms;
    },
  };
}
export type Clock = ReturnType<typeof aClock>;

interface Replica {
  store: RecordStore;
  signer: Signer;
  clock: Clock;
  onCheckpoint?: (checkpoint: Checkpoint) => void;
}

/** A tracker's recorder that signs when it begins and when it is closed. */
export const aReplica = ({ clock, onCheckpoint = () => {}, ...rest }: Replica) =>
  createRecorder({ ...rest, log: silentLog, now: clock.now, checkpointMs: NEVER_MS, onCheckpoint });

const payload = (value: unknown) => {
  const text = JSON.stringify(value);
  return { text, size: text.length, truncated: false };
};

/** A call that begins at this moment. */
export function aCallAt(clock: Clock, change: { inputs?: unknown } = {}) {
  const { inputs = { city: "Zürich 😀", n: 1.5 } } = change;
  const annotations = { readOnlyHint: true, title: 'a "title"' };
  return aDecided({ at: clock.iso(), startedAt: clock.iso(), inputs: payload(inputs), annotations });
}

function aSession(clock: Clock): Published[] {
  const sessionId = randomUUID();
  const at = clock.iso();
  const client = { name: "inspector", version: "1.0.0" };
  const opened = { sessionId, principal: "ada", client, protocolVersion: "2025-11-25", listener: "main" };
  return [
    { subject: "governance.session.opened", event: { id: randomUUID(), at, ...opened } },
    { subject: "governance.session.closed", event: { id: randomUUID(), at, sessionId, reason: "client" } },
  ];
}

function aRead(clock: Clock): Published {
  const asked = { reader: "admin", address: null, route: "GET /governance/tool-logs", path: "/governance/tool-logs" };
  return { subject: "governance.record.read", event: { id: randomUUID(), at: clock.iso(), ...asked, query: {} } };
}

/** Events of a few seconds: calls that end, one that is denied, one whose end does not come, and what happens besides. */
function someTraffic(clock: Clock, calls: number) {
  const events: Published[] = [...aSession(clock), aRead(clock)];
  for (let n = 0; n < calls; n += 1) {
    clock.pass(7);
    const decided = aCallAt(clock, { inputs: { n } });
    events.push(decided, aCompleted(decided, { at: clock.iso() }));
  }
  const lost = aCallAt(clock);
  const denied = aDenied({ at: clock.iso(), startedAt: clock.iso() });
  return { events: [...events, denied, lost], lost };
}

export interface AuditedRecord {
  clock: Clock;
  signer: Signer;
  /** Newest checkpoint of each chain, as one keeps them elsewhere. */
  anchor: Checkpoint[];
}

/**
 * All that may happen to an honest record: two replicas, one of which is killed, a write that fails half-way and comes
 * again elsewhere, restarts, calls whose end is lost and comes all the same.
 */
export async function fillRecord(store: RecordStore, { calls = 6 } = {}): Promise<AuditedRecord> {
  const clock = aClock();
  const signer = temporarySigner();
  const newest = new Map<string, Checkpoint>();
  const onCheckpoint = (checkpoint: Checkpoint): void => void newest.set(checkpoint.partition, checkpoint);
  const replica = (of = store) => aReplica({ store: of, signer, clock, onCheckpoint });
  const keep = (recorder: ReturnType<typeof replica>, events: readonly Published[]) =>
    recorder.record(toWrites(aBatch(...events), clock.now()));

  const first = replica();
  const killed = replica(failingOnce(store));
  const lost = [];
  for (let round = 0; round < 4; round += 1) {
    const traffic = someTraffic(clock, calls);
    clock.pass(SECOND);
    lost.push(traffic.lost);
    await keep(killed, traffic.events).catch(() => keep(first, traffic.events));
    clock.pass(SECOND);
    await keep(first, [aPolicyChanged(clock.iso(), { number: round + 1, servers: {} })]);
  }
  await first.close();
  // The other one is killed: nobody closes it.
  clock.pass(600 * SECOND);
  const second = replica();
  const unknown = createLostCalls({ store, recorder: second, unknownAfterMs: 1, log: silentLog, now: clock.now });
  await unknown.run(new AbortController().signal);
  clock.pass(SECOND);
  const late = lost.slice(0, 2).map((decided) => aCompleted(decided, { at: clock.iso() }));
  await keep(second, late);
  await keep(second, [...late, ...someTraffic(clock, calls).events]);
  await second.close();
  clock.pass(600 * SECOND);
  return { clock, signer, anchor: [...newest.values()] };
}

/** Its second write comes through, but nobody hears of it. */
function failingOnce(store: RecordStore): RecordStore {
  let facts = 0;
  return {
    ...store,
    async apply(writes) {
      await store.apply(writes);
      facts += writes.some(({ fact }) => fact) ? 1 : 0;
      if (facts === 2) {
        facts += 1;
        throw new Error("connection lost");
      }
    },
  };
}

const ALL: readonly Collection[] = [...new Set<Collection>([...CHAINED, "audit_blocks"])];

/** Every document of the trail, by collection. */
export type Snapshot = Map<Collection, Document[]>;

export async function snapshotOf(store: Pick<RecordStore, "aggregate">): Promise<Snapshot> {
  const snapshot: Snapshot = new Map();
  for (const name of ALL) snapshot.set(name, await store.aggregate(name, [{ $sort: { timestamp: 1, _id: 1 } }]));
  return snapshot;
}

const insertOf = (collection: Collection, { _id, ...set }: Document): Write => ({ collection, id: String(_id), set });

/** Makes the store hold exactly this. */
export async function restore(store: RecordStore, snapshot: Snapshot): Promise<void> {
  const present = await snapshotOf(store);
  for (const [name, documents] of present) {
    const wanted = new Map(
      (snapshot.get(name) ?? []).map((document) => [String(document._id), JSON.stringify(document)]),
    );
    const wrong = documents.filter((document) => wanted.get(String(document._id)) !== JSON.stringify(document));
    if (wrong.length > 0)
      await store.remove(
        name,
        wrong.map(({ _id }) => String(_id)),
      );
    const left = new Set(documents.filter((document) => !wrong.includes(document)).map(({ _id }) => String(_id)));
    const missing = (snapshot.get(name) ?? []).filter(({ _id }) => !left.has(String(_id)));
    if (missing.length > 0) await store.apply(missing.map((document) => insertOf(name, document)));
  }
}
