import { randomUUID } from "node:crypto";
import { blockHash, blockId } from "../src/audit/chain.ts";
import type { Block } from "../src/audit/evidence.ts";
import { factDigest, toldOf } from "../src/audit/fact-digest.ts";
import { CHAINED, factsOf } from "../src/audit/facts.ts";
import type { Collection, Document } from "../src/record-store.ts";
import type { Snapshot } from "./an-audited-record.ts";

/** Chooses one of so many, the same again for the same run. */
export type Choose = (count: number) => number;

/** Changes a copy of the record, and says what the verifier must name: at least one finding with all of these. */
export type Tampering = (record: Snapshot, choose: Choose) => Record<string, unknown>;

const RECORDS = CHAINED.filter((collection) => collection !== "audit_checkpoints");

const any = <Value>(values: readonly Value[], choose: Choose): Value => {
  const value = values[choose(values.length)];
  if (value === undefined) throw new Error("there is nothing to choose from");
  return value;
};

function aRecordOf(record: Snapshot, choose: Choose, among: readonly Collection[] = RECORDS) {
  const collection = any(
    among.filter((name) => (record.get(name)?.length ?? 0) > 0),
    choose,
  );
  const documents = record.get(collection) ?? [];
  const at = choose(documents.length);
  return { collection, documents, at, document: documents[at] ?? {} };
}

const blocksOf = (record: Snapshot): Block[] => (record.get("audit_blocks") ?? []) as unknown as Block[];
const partitionsOf = (record: Snapshot): string[] => [...new Set(blocksOf(record).map(({ partition }) => partition))];

function other(value: unknown): unknown {
  if (value instanceof Date) return new Date(value.getTime() + 1);
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return `${value}x`;
  return value === null ? "x" : { ...(value as object), x: 1 };
}

/** When something was kept is the tracker's own word, and a letter's state is no fact. */
function isTold(collection: Collection, name: string): boolean {
  return name !== "_id" && !factsOf(collection).unattested.includes(name);
}

const changeMember: Tampering = (record, choose) => {
  const { collection, documents, at, document } = aRecordOf(record, choose);
  const name = any(
    Object.keys(document).filter((member) => isTold(collection, member)),
    choose,
  );
  documents[at] = { ...document, [name]: other(document[name]) };
  return { kind: "changed", collection, id: document._id };
};

const removeMember: Tampering = (record, choose) => {
  const { collection, documents, at, document } = aRecordOf(record, choose);
  const names = Object.keys(document).filter((member) => isTold(collection, member) && document[member] !== null);
  const { [any(names, choose)]: _, ...rest } = document;
  documents[at] = rest;
  return { kind: "changed", collection, id: document._id };
};

const addMember: Tampering = (record, choose) => {
  const { collection, documents, at, document } = aRecordOf(record, choose);
  const name = any(["comment", "masked2", "outputs2", "payloads_expired"], choose);
  documents[at] = { ...document, [name]: true };
  return { kind: "changed", collection, id: document._id };
};

const shiftStoredAt: Tampering = (record, choose) => {
  const { collection, documents, at, document } = aRecordOf(record, choose);
  documents[at] = { ...document, stored_at: new Date(Number(document.stored_at) + 3 * 86_400_000) };
  return { kind: "changed", collection, id: document._id };
};

const remove: Tampering = (record, choose) => {
  const { collection, documents, at, document } = aRecordOf(record, choose);
  documents.splice(at, 1);
  return { kind: "removed", collection, id: document._id };
};

const insert: Tampering = (record, choose) => {
  const { collection, documents, at, document } = aRecordOf(record, choose);
  const id = randomUUID();
  documents.splice(at, 0, { ...document, _id: id });
  return { kind: "inserted", collection, id };
};

const swap: Tampering = (record, choose) => {
  const { collection, documents, at, document } = aRecordOf(record, choose, ["tool_logs", "governance_logs"]);
  const with_ = (at + 1 + choose(documents.length - 1)) % documents.length;
  const second = documents[with_] ?? {};
  documents[at] = { ...second, _id: document._id };
  documents[with_] = { ...document, _id: second._id };
  return { kind: "changed", collection, id: document._id };
};

const reopen: Tampering = (record, choose) => {
  const calls = record.get("tool_logs") ?? [];
  const ended = calls.filter(({ status }) => status === "success");
  const { _id: id } = any(ended, choose);
  const open = factsOf("tool_logs").parts.completed?.untold?.({}) ?? {};
  record.set(
    "tool_logs",
    calls.map((call) => (call._id === id ? { ...call, ...open } : call)),
  );
  return { kind: "changed", collection: "tool_logs", id, part: "completed" };
};

const reorderBlocks: Tampering = (record, choose) => {
  const partition = any(
    partitionsOf(record).filter((name) => blocksOf(record).filter((block) => block.partition === name).length > 1),
    choose,
  );
  const chain = blocksOf(record).filter((block) => block.partition === partition);
  const at = choose(chain.length - 1);
  const [a, b] = [chain[at] as Block, chain[at + 1] as Block];
  const moved = [
    { ...a, seq: b.seq, timestamp: b.timestamp, _id: blockId(partition, b.seq) },
    { ...b, seq: a.seq, timestamp: a.timestamp, _id: blockId(partition, a.seq) },
  ];
  const rest = blocksOf(record).filter((block) => block !== a && block !== b);
  record.set("audit_blocks", [...rest, ...moved] as unknown as Document[]);
  return { kind: "chain_broken", partition };
};

const removeBlock: Tampering = (record, choose) => {
  const { partition, seq } = any(blocksOf(record), choose);
  record.set(
    "audit_blocks",
    blocksOf(record).filter((block) => block.partition !== partition || block.seq !== seq) as unknown as Document[],
  );
  return { partition };
};

const removePartition: Tampering = (record, choose) => {
  const partition = any(partitionsOf(record), choose);
  const gone = blocksOf(record).filter((block) => block.partition === partition);
  cut(record, gone);
  record.set(
    "audit_checkpoints",
    (record.get("audit_checkpoints") ?? []).filter((document) => document.partition !== partition),
  );
  return { kind: "missing_partition", partition };
};

/** Removes blocks and every document that they tell of. */
function cut(record: Snapshot, gone: readonly Block[]): void {
  const told = new Set(gone.flatMap(({ leaves }) => leaves.map(([collection, , id]) => `${collection} ${id}`)));
  for (const [name, documents] of record)
    record.set(
      name,
      documents.filter(({ _id }) => !told.has(`${name} ${_id}`)),
    );
  record.set("audit_blocks", blocksOf(record).filter((block) => !gone.includes(block)) as unknown as Document[]);
}

const cutBeginning: Tampering = (record, choose) => {
  const partition = any(
    partitionsOf(record).filter((name) => blocksOf(record).some((block) => block.partition === name && block.seq > 1)),
    choose,
  );
  const chain = blocksOf(record).filter((block) => block.partition === partition);
  cut(record, chain.slice(0, 1 + choose(chain.length - 1)));
  return { kind: "missing_block", partition, seq: 1 };
};

/** All that is newer than some block goes, checkpoints too: only whoever kept one elsewhere knows. */
const cutEnd: Tampering = (record, choose) => {
  const blocks = blocksOf(record);
  const { timestamp } = blocks[1 + choose(blocks.length - 1)] as Block;
  cut(
    record,
    blocks.filter((block) => block.timestamp >= timestamp),
  );
  record.set(
    "audit_checkpoints",
    (record.get("audit_checkpoints") ?? []).filter((document) => (document.timestamp as Date) < timestamp),
  );
  return {};
};

/** A call is changed, with its leaf and every hash after it: all that can be done without the key. */
const rehash: Tampering = (record, choose) => {
  const calls = record.get("tool_logs") ?? [];
  const at = choose(calls.length);
  const changed: Document = { ...calls[at], principal: "mallory" };
  calls[at] = changed;
  const { _id, ...told } = changed;
  const digests = new Map<string, string>();
  for (const [part, { members }] of Object.entries(factsOf("tool_logs").parts)) {
    const name = { collection: "tool_logs" as const, id: String(_id), part };
    digests.set(part, factDigest(name, toldOf(told), new Set(members(changed))));
  }
  const touched = new Map<string, string>();
  const blocks = blocksOf(record).map((block) => {
    const leaves = block.leaves.map((leaf): Block["leaves"][number] =>
      leaf[2] === _id && leaf[1] !== "lost"
        ? [leaf[0], leaf[1], leaf[2], leaf[3], digests.get(leaf[1]) ?? leaf[4]]
        : leaf,
    );
    const prev = touched.get(block.partition) ?? block.prev;
    const hash = blockHash({ ...block, leaves, prev });
    if (hash !== block.hash) touched.set(block.partition, hash);
    return { ...block, leaves, prev, hash };
  });
  record.set("audit_blocks", blocks as unknown as Document[]);
  return { kind: "chain_broken", partition: [...touched.keys()][0] };
};

const changeCheckpoint: Tampering = (record, choose) => {
  const checkpoints = record.get("audit_checkpoints") ?? [];
  const at = choose(checkpoints.length);
  const checkpoint = checkpoints[at] ?? {};
  const name = any(["seq", "hash", "leaves", "timestamp", "closes", "signature", "key_id"], choose);
  checkpoints[at] = { ...checkpoint, [name]: other(checkpoint[name]) };
  return { kind: "bad_signature", collection: "audit_checkpoints", id: checkpoint._id };
};

/** What a record may suffer in a store; the name says what was done. */
export const tamperings: Readonly<Record<string, Tampering>> = {
  "a member changed": changeMember,
  "a member removed": removeMember,
  "a member added": addMember,
  "the time of keeping moved": shiftStoredAt,
  "a record removed": remove,
  "a record inserted": insert,
  "two records swapped": swap,
  "an ended call made open again": reopen,
  "two blocks swapped": reorderBlocks,
  "a block removed": removeBlock,
  "a chain removed with all it tells of": removePartition,
  "the beginning of a chain cut off": cutBeginning,
  "the end cut off": cutEnd,
  "a record changed and everything after it hashed anew": rehash,
  "a checkpoint changed": changeCheckpoint,
};
