import { MongoClient } from "mongodb";
import type { RecordReader } from "../record-store.ts";
import { createMongoQuestions } from "./mongo-questions.ts";

interface MongoReaderOptions {
  uri: string;
  database: string;
}

const SERVER_SELECTION_MS = 3_000;

/** Reads the record in MongoDB, and makes nothing there. Rejects with the driver's reason where it cannot be reached. */
export async function connectMongoRecordReader({ uri, database }: MongoReaderOptions): Promise<RecordReader> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: SERVER_SELECTION_MS });
  await client.connect();
  const { aggregate } = createMongoQuestions(client.db(database));
  return { aggregate, close: () => client.close() };
}
