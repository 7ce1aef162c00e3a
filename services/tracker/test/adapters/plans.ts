import type { Explanation } from "../../src/adapters/explanation.ts";
import type { Collection, Document, RecordStore } from "../../src/record-store.ts";

/** A store that says how it answers, as both of ours do. */
export interface ExplainingStore extends RecordStore {
  explain(collection: Collection, pipeline: readonly Document[]): Promise<Explanation>;
}

/** Of what there is only so much of as people configure: reading all of it is no fault. */
const SMALL: ReadonlySet<Collection> = new Set([
  "servers",
  "server_tools",
  "governance_configs",
  "deployments",
  "rosters",
]);

/** The store, and what it was asked that made it read the whole of a collection that grows. */
export function watched(store: ExplainingStore): { store: RecordStore; scans: string[]; asked: string[] } {
  const scans: string[] = [];
  const asked: string[] = [];
  const aggregate: RecordStore["aggregate"] = async (collection, pipeline) => {
    const { isScan, indexes } = await store.explain(collection, pipeline);
    const question = `${collection} ${JSON.stringify(pipeline)}`;
    asked.push(`${indexes.join(" ")}: ${question}`);
    if (isScan && !SMALL.has(collection)) scans.push(question);
    return store.aggregate(collection, pipeline);
  };
  return { store: { ...store, aggregate }, scans, asked };
}
