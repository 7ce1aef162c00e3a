import { type AnyBulkWriteOperation, type Db, MongoBulkWriteError } from "mongodb";
import type { Collection, Document, Write } from "../record-store.ts";
import { DUPLICATE_KEY } from "./mongo-errors.ts";

type Stored = Document & { _id: string };

/**
 * How a write is tried. What says what a new document has besides is likely to make one, and an insert costs a third of
 * an upsert; where there is a document already it fails, and is an upsert. An upsert fails where the document came into
 * being meanwhile or has a later fact, and is an update.
 */
type Way = "insert" | "upsert" | "update";
const AFTER = { insert: "upsert", upsert: "update" } as const;

interface Task {
  write: Write;
  way: Way;
}

/** Resolves once every write is kept. */
export async function applyWrites(db: Db, writes: readonly Write[]): Promise<void> {
  const groups = new Map<Collection, Task[]>();
  for (const write of writes) {
    const task = { write, way: firstWayOf(write) };
    const group = groups.get(write.collection);
    if (group) group.push(task);
    else groups.set(write.collection, [task]);
  }
  await Promise.all([...groups].map(([name, tasks]) => perform(db, name, tasks)));
}

function firstWayOf({ set, setOnInsert, since, onlyIf }: Write): Way {
  if (onlyIf) return "update";
  const isLikelyNew = setOnInsert !== undefined || Object.keys(set).length === 0;
  return isLikelyNew && !since ? "insert" : "upsert";
}

async function perform(db: Db, name: Collection, tasks: readonly Task[]): Promise<void> {
  try {
    await db.collection<Stored>(name).bulkWrite(tasks.map(operationOf), { ordered: false });
  } catch (error) {
    const again = duplicatesOf(error).flatMap((index) => nextOf(tasks[index], error));
    if (again.length > 0) await perform(db, name, again);
  }
}

/** Which operations failed, where all of them did because the key exists; throws the error where it is another. */
function duplicatesOf(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = [error.writeErrors].flat();
  if (failures.length === 0 || failures.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  return failures.map(({ index }) => index);
}

/** Nothing where the write has nothing to say of a document that exists. */
function nextOf(task: Task | undefined, error: unknown): Task[] {
  if (!task || task.way === "update") throw error;
  const { write, way } = task;
  return Object.keys(write.set).length === 0 ? [] : [{ write, way: AFTER[way] }];
}

function operationOf({ write, way }: Task): AnyBulkWriteOperation<Stored> {
  const { id, set, setOnInsert, since, onlyIf } = write;
  if (way === "insert") return { insertOne: { document: { ...set, ...setOnInsert, _id: id } } };
  const isNotLater = since && { [since.field]: { $not: { $gt: since.at } } };
  const hasOnInsert = setOnInsert && Object.keys(setOnInsert).length > 0;
  return {
    updateOne: {
      filter: { _id: id, ...isNotLater, ...onlyIf },
      update: { $set: set, ...(hasOnInsert && { $setOnInsert: setOnInsert }) },
      upsert: way === "upsert",
    },
  };
}
