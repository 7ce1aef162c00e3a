import { setImmediate as nextTurn } from "node:timers/promises";
import { Aggregator } from "mingo";
import type { Document } from "../record-store.ts";
import type { Explanation } from "./explanation.ts";
import { nameOf } from "./lmdb-index.ts";
import { type Plan, planOf } from "./lmdb-plan.ts";
import type { Shelf } from "./lmdb-shelf.ts";

/** Longest that reading holds the event loop. */
const SLICE_MS = 8;
const DOCUMENTS_BETWEEN_LOOKS = 32;

interface Reading {
  shelf: Shelf;
  pipeline: readonly Document[];
  /** Throws when there is to be no more reading. */
  check(): void;
}

/** Answers a pipeline, and lets others have their turn while it reads. */
export async function answer(reading: Reading): Promise<Document[]> {
  const plan = planOf(reading.pipeline, reading.shelf.indexes);
  const { found } = await read(plan, reading);
  return plan.rest.length === 0 ? found : new Aggregator([...plan.rest]).run(found);
}

/** How `answer` would go about it. */
export async function explain(reading: Reading): Promise<Explanation> {
  const plan = planOf(reading.pipeline, reading.shelf.indexes);
  const { count } = await read(plan, reading);
  return { indexes: namesOf(plan), isScan: isScan(plan), documents: count };
}

function namesOf({ ids, stretch }: Plan): string[] {
  if (ids) return ["_id"];
  return stretch ? [nameOf(stretch.index)] : [];
}

function isScan({ ids, stretch, limit }: Plan): boolean {
  if (ids) return false;
  if (!stretch) return true;
  const isBounded = stretch.range.from !== undefined || stretch.range.to !== undefined;
  return stretch.index.by.length === 0 && !isBounded && limit === Number.POSITIVE_INFINITY;
}

async function read(plan: Plan, { shelf, check }: Reading): Promise<{ found: Document[]; count: number }> {
  const found: Document[] = [];
  let count = 0;
  let since = performance.now();
  for (const document of shelf.read(plan)) {
    count += 1;
    if (document) found.push(document);
    if (count % DOCUMENTS_BETWEEN_LOOKS === 0 && performance.now() - since > SLICE_MS) {
      await nextTurn();
      check();
      since = performance.now();
    }
  }
  return { found, count };
}
