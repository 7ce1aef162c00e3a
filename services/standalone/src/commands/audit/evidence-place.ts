import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import {
  type Checkpoint,
  checkpointOf,
  type EvidenceSource,
  openExport,
  publicKeysOf,
  storeSource,
} from "@mcp-governance-bridge/tracker";
import { type Terminal, UsageError } from "../command.ts";
import { needRecord, type RecordPlace } from "../record.ts";

/** Where a command line says that evidence is. */
export interface EvidencePlace extends RecordPlace {
  export?: string | undefined;
  anchor?: string | undefined;
  "public-key"?: string | undefined;
}

export interface OpenedEvidence {
  source: EvidenceSource;
  /** What it is called. */
  name: string;
  close(): Promise<void>;
}

/** What is believed beside the record. */
export interface Trust {
  /** DER in base64. */
  publicKeys: string[] | undefined;
  anchor: Checkpoint[];
}

/** The record of a data folder or of MongoDB, or an export. Whatever cannot be opened is a StartupError of exit status 2. */
export async function openEvidence(place: EvidencePlace, terminal: Terminal): Promise<OpenedEvidence> {
  const { export: file, ...record } = place;
  if (file === undefined) {
    const { reader, name } = await needRecord(record, terminal);
    return { source: storeSource(reader), name, close: () => reader.close() };
  }
  if (record.data !== undefined || record["mongodb-uri"] !== undefined)
    throw new UsageError("--export excludes --data and --mongodb-uri");
  const { source } = await openExport(resolve(terminal.cwd, file)).catch(unreadable(file));
  return { source, name: file, close: async () => undefined };
}

/** Keys and checkpoints that the command line names; a data folder has the newest checkpoint beside its record. */
export async function readTrust(place: EvidencePlace, { cwd }: Terminal): Promise<Trust> {
  const { "public-key": keyFile, anchor = anchorBeside(place, cwd) } = place;
  return {
    publicKeys: keyFile === undefined ? undefined : await read(cwd, keyFile, publicKeysOf),
    anchor: anchor === undefined ? [] : await read(cwd, anchor, checkpointsOf),
  };
}

function anchorBeside({ data, "mongodb-uri": uri, export: file }: EvidencePlace, cwd: string): string | undefined {
  if (uri !== undefined || file !== undefined) return undefined;
  const beside = join(resolve(cwd, data ?? ".data"), "audit", "anchor.json");
  return existsSync(beside) ? beside : undefined;
}

async function read<Value>(cwd: string, file: string, parse: (text: string) => Value): Promise<Value> {
  try {
    return parse(await readFile(resolve(cwd, file), "utf8"));
  } catch (cause) {
    return unreadable(file)(cause);
  }
}

function checkpointsOf(text: string): Checkpoint[] {
  const value: unknown = JSON.parse(text);
  const found = Array.isArray(value) ? value.map((item) => checkpointOf(Object(item))) : [undefined];
  const checkpoints = found.filter((checkpoint) => checkpoint !== undefined);
  if (checkpoints.length < found.length) throw new Error("is no list of checkpoints as `audit anchor` writes it");
  return checkpoints;
}

function unreadable(file: string): (cause: unknown) => never {
  return (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = reason.startsWith(`${file}:`) ? reason : `cannot read ${file}: ${reason}`;
    throw new StartupError(message, EXIT_BAD_CONFIGURATION);
  };
}
