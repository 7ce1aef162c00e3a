import { writeFile } from "node:fs/promises";
import { type ExportHeader, formats } from "../src/artifacts/export-format.ts";
import { chainOf } from "../src/audit/export-chain.ts";
import { publicKeysIn } from "../src/audit/public-keys.ts";
import type { Collection, Document, RecordStore } from "../src/record-store.ts";

interface FileOptions {
  format: keyof typeof formats;
  from: Date;
  to: Date;
  createdAt: Date;
  collections?: readonly Collection[];
  /** Calls of this server alone. */
  server?: string;
}

/** Writes what a job writes; `change` may take anything away or put it in. */
export async function writeExport(
  file: string,
  store: Pick<RecordStore, "aggregate">,
  { format, from, to, createdAt, server, collections = ["tool_logs", "governance_logs"] }: FileOptions,
): Promise<void> {
  const { head, record, middle, block, tail } = formats[format];
  const header: ExportHeader = {
    ...{ document_type: "export", id: "x", from, to, collections, created_at: createdAt },
    filter: server === undefined ? null : { server_name: server },
    public_keys: await publicKeysIn(store),
  };
  const parts = [head(header)];
  let before = 0;
  for (const collection of collections) {
    const match = { timestamp: { $gte: from, $lt: to }, ...(server !== undefined && { server_name: server }) };
    for (const document of await store.aggregate(collection, [{ $match: match }, { $sort: { timestamp: 1, _id: 1 } }]))
      parts.push(record(document, before++));
  }
  parts.push(middle);
  const checkpoints: Document[] = [];
  before = 0;
  for await (const link of chainOf(store, { from, to, collections })) {
    if ("checkpoint" in link) checkpoints.push(link.checkpoint);
    else parts.push(block(link.block, before++));
  }
  await writeFile(file, parts.join("") + tail(checkpoints));
}
