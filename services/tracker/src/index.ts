export { hasLmdbRecord, openLmdbRecordReader } from "./adapters/lmdb-record-reader.ts";
export { openLmdbRecordStore } from "./adapters/lmdb-record-store.ts";
export { connectMongoRecordReader } from "./adapters/mongo-record-reader.ts";
export type { Edits } from "./api/edits.ts";
export { createGovernanceApi, type GovernanceApi } from "./api/governance-api.ts";
export { Env } from "./config.ts";
export type { Collection, Document, RecordStore, Write } from "./record-store.ts";
export { createTracker } from "./tracker.ts";
