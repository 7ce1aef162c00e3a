import type { Collection, RecordStore } from "../record-store.ts";

export const STATUSES = ["waiting", "running", "done", "failed", "cancelled"] as const;
export type Status = (typeof STATUSES)[number];

export const FORMATS = ["ndjson", "json", "csv"] as const;
export type ExportFormat = (typeof FORMATS)[number];

/** What an export may hold: everything that is kept as it happened. */
export const EXPORTABLE = [
  "tool_logs",
  "governance_logs",
  "policy_revisions",
  "sessions",
  "record_reads",
  "dead_letters",
  "retention_runs",
] as const satisfies readonly Collection[];
export type Exportable = (typeof EXPORTABLE)[number];

/** Text kept in pages, each a document of `artifact_chunks`. */
export interface Segment {
  content: string;
  pages: number;
}

export interface ArtifactFile {
  /** Under which it is asked for. */
  view: "download" | "html" | "json";
  name: string;
  media_type: string;
  segments: Segment[];
  /** Bytes. */
  size: number;
  /** SHA-256 of the file, 64 hex digits. */
  digest: string;
}

/** A document of `artifacts`: an export or a report, asked for, being made, or made. */
export interface Artifact {
  _id: string;
  kind: "export" | "report";
  /** Of a report always `html`, with the same as JSON beside it. */
  format: ExportFormat | "html";
  status: Status;
  requested_by: string;
  /** When it was asked for. */
  timestamp: Date;
  /** `to` is exclusive. */
  range: { from: Date; to: Date };
  /** Of an export; empty for a report. */
  collections: Exportable[];
  filters: { server_name?: string; principal?: string; servers?: string[] };
  progress: { records: number; fraction: number };
  /** How many pages of the records are kept, at least; where an export goes on after a crash. */
  pages: number;
  files: ArtifactFile[];
  error: string | null;
  finished_at: Date | null;
  document_type: "artifact";
}

/** Those that are to be made yet. */
export const UNFINISHED = { status: { $in: ["waiting", "running"] } };

export type Source = Pick<RecordStore, "aggregate">;

export async function findArtifact(store: Source, id: string): Promise<Artifact | undefined> {
  const [found] = await store.aggregate("artifacts", [{ $match: { _id: id } }]);
  return found as Artifact | undefined;
}

/** Whether it is still to be made: false once somebody has cancelled it, or another replica has finished it. */
export async function isWanted(store: Source, id: string): Promise<boolean> {
  const [found] = await store.aggregate("artifacts", [{ $match: { _id: id } }, { $project: { status: 1 } }]);
  return found?.status === "running";
}
