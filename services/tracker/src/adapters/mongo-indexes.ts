import type { Db, Document, IndexDescription } from "mongodb";
import { type RecordIndex, recordIndexes } from "../record-indexes.ts";
import { codeOf, NAMESPACE_EXISTS } from "./mongo-errors.ts";

/** What earlier versions made, and another index serves since. Anything else that is there is somebody's own. */
const OBSOLETE: Readonly<Record<string, readonly string[]>> = {
  tool_logs: [
    "session_id_1",
    "server_name_1",
    "tool_name_1",
    "event_type_1",
    "status_1",
    "server_name_1_tool_name_1_timestamp_-1",
  ],
  governance_logs: [
    "server_name_1",
    "decision_1",
    "server_name_1_tool_name_1_timestamp_-1",
    "principal_1_timestamp_-1",
    "rule_1_timestamp_-1",
    "shadow_denied_1_timestamp_-1",
  ],
  servers: ["is_active_1"],
  server_tools: ["server_name_1", "tool_name_1"],
};

/** Makes what is missing of the collections and their indexes. Safe to call again, and from several trackers at once. */
export async function prepareCollections(db: Db): Promise<void> {
  const present = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  for (const [name, wanted] of Object.entries(recordIndexes)) {
    if (!present.has(name)) await db.createCollection(name).catch(ignoreExisting);
    const existing = new Set((await db.collection(name).indexes()).map((index) => String(index.name)));
    const missing = wanted.map(descriptionOf).filter((index) => !existing.has(String(index.name)));
    if (missing.length > 0) await db.collection(name).createIndexes(missing);
    const obsolete = (OBSOLETE[name] ?? []).filter((index) => existing.has(index));
    for (const index of obsolete) await dropIndex(db, name, index);
  }
}

/** No effect where another tracker was faster. */
export async function dropIndex(db: Db, collection: string, name: string): Promise<void> {
  const wasThere = await db
    .collection(collection)
    .dropIndex(name)
    .catch((error: unknown) => error);
  const isThere = (await db.collection(collection).indexes()).some((index) => index.name === name);
  if (isThere) throw wasThere;
}

/** Newest first, like nearly every question; the other direction is read from the other end. */
export function descriptionOf({ by, order, only, unique }: RecordIndex): IndexDescription {
  const ordered: [string, 1 | -1][] =
    order === undefined
      ? [["_id", 1]]
      : [
          [order, -1],
          ["_id", -1],
        ];
  const key = [...by.map((field): [string, 1] => [field, 1]), ...(unique ? [] : ordered)];
  return {
    key: new Map(key),
    name: key.map(([field, direction]) => `${field}_${direction}`).join("_"),
    ...(unique && { unique }),
    ...(only && { partialFilterExpression: filterOf(only) }),
  };
}

function filterOf(only: NonNullable<RecordIndex["only"]>): Document {
  const conditions = Object.entries(only).map(([field, values]) => {
    if (values === "text") return [field, { $gt: "" }];
    // FerretDB does not see that a list of one value is that value.
    return [field, values.length === 1 ? values[0] : { $in: values }];
  });
  return Object.fromEntries(conditions);
}

function ignoreExisting(error: unknown): void {
  if (codeOf(error) !== NAMESPACE_EXISTS) throw error;
}
