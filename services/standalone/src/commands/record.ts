import { join, resolve } from "node:path";
import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import { readDotEnv } from "@mcp-governance-bridge/shared/configuration";
import {
  connectMongoRecordReader,
  databaseOf,
  hasLmdbRecord,
  openLmdbRecordReader,
  type RecordReader,
} from "@mcp-governance-bridge/tracker";
import { type Terminal, UsageError } from "./command.ts";

/** Options of commands that read the record. */
export const recordOptions = { data: { type: "string" }, "mongodb-uri": { type: "string" } } as const;

/** Where a command line says that the record is. */
export interface RecordPlace {
  data?: string | undefined;
  "mongodb-uri"?: string | undefined;
}

/** A record that is read, and what it is called. */
export interface OpenedRecord {
  reader: RecordReader;
  name: string;
}

const USUAL_FOLDER = ".data";

/**
 * Opens the record in a data folder or in MongoDB; where none is named, that of `.data`. Undefined where there is none. Whatever
 * cannot be opened or read is a StartupError of exit status 2.
 */
export async function openRecord(given: RecordPlace, { cwd, env }: Terminal): Promise<OpenedRecord | undefined> {
  const { data, "mongodb-uri": uri } = given;
  if (data !== undefined && uri !== undefined) throw new UsageError("--data and --mongodb-uri exclude each other");
  if (uri !== undefined) return inMongo(uri, readDotEnv(cwd, env));
  const folder = data ?? USUAL_FOLDER;
  const path = join(resolve(cwd, folder), "records");
  return data !== undefined || hasLmdbRecord(path) ? inFolder(folder, path) : undefined;
}

/** The same, for commands that are nothing without a record: that of MONGODB_URI does as well. */
export async function needRecord(given: RecordPlace, terminal: Terminal): Promise<OpenedRecord> {
  const env = readDotEnv(terminal.cwd, terminal.env);
  const record = await openRecord(given, terminal);
  if (record) return record;
  if (env.MONGODB_URI !== undefined) return inMongo(env.MONGODB_URI, env);
  const message = `there is no record in ${USUAL_FOLDER}: name one with --data DIR or --mongodb-uri URI`;
  throw new StartupError(message, EXIT_BAD_CONFIGURATION);
}

function inFolder(name: string, path: string): OpenedRecord {
  if (!hasLmdbRecord(path)) throw new StartupError(`there is no record in ${name}`, EXIT_BAD_CONFIGURATION);
  return { name, reader: readable(openLmdbRecordReader(path), name) };
}

/** The address may have a password: only the database is named. */
async function inMongo(address: string, env: NodeJS.ProcessEnv): Promise<OpenedRecord> {
  const { uri, database } = databaseOf({
    env: { MONGODB_URI: address, MONGODB_DATABASE: env.MONGODB_DATABASE },
    configured: undefined,
  });
  const name = `the MongoDB database ${database}`;
  const reader = await connectMongoRecordReader({ uri, database }).catch(unreadable(name));
  return { name, reader: readable(reader, name) };
}

function readable(reader: RecordReader, name: string): RecordReader {
  return { ...reader, aggregate: (...question) => reader.aggregate(...question).catch(unreadable(name)) };
}

function unreadable(name: string): (cause: unknown) => never {
  return (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(`cannot read ${name}: ${reason}`, EXIT_BAD_CONFIGURATION);
  };
}
