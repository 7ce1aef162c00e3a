import { randomUUID } from "node:crypto";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import type { Job, JobQueue } from "../jobs/job-queue.ts";
import type { Document, RecordStore } from "../record-store.ts";
import type { Report } from "../report/report.ts";
import {
  type Artifact,
  type ArtifactFile,
  type Exportable,
  type ExportFormat,
  findArtifact,
  type Status,
  UNFINISHED,
} from "./artifact.ts";
import { readContent, removeContent } from "./content.ts";
import { type ChainOf, makeExport } from "./export-job.ts";
import { makeReport } from "./report-job.ts";

interface ArtifactsOptions {
  store: RecordStore;
  queue: Pick<JobQueue, "define" | "add" | "every">;
  log: Log;
  chainOf: ChainOf;
  /** Public keys of the audit trail, for the header of an export. */
  publicKeys(): Promise<unknown[]>;
  /** Says what the record has of the period. Honours the signal. */
  report(order: ReportOrder & { signal: AbortSignal }): Promise<Report>;
  now?: () => Date;
}

export interface ExportOrder {
  format: ExportFormat;
  from: Date;
  to: Date;
  collections: Exportable[];
  filters: { server_name?: string; principal?: string };
  by: string;
}

export interface ReportOrder {
  from: Date;
  to: Date;
  /** All where it is missing. */
  servers?: string[] | undefined;
  by: string;
}

/** Exports and reports: asked for here, made by jobs, kept in the record until retention takes them. */
export interface Artifacts {
  /** Rejects with `artifact.queue_full` when as many wait as may. */
  orderExport(order: ExportOrder): Promise<Artifact>;
  orderReport(order: ReportOrder): Promise<Artifact>;
  /** Rejects with `record.unknown` where there is none of that kind. */
  find(kind: Artifact["kind"], id: string): Promise<Artifact>;
  /** The file, and its text in pieces. Rejects with `artifact.unfinished` where there is none. */
  open(
    kind: Artifact["kind"],
    id: string,
    view: ArtifactFile["view"],
  ): Promise<{ file: ArtifactFile; text: AsyncIterable<string> }>;
  /** Ends the making of it, removes what there is of its content, and answers what is left: that it was asked for. */
  cancel(kind: Artifact["kind"], id: string): Promise<Artifact>;
}

const MAX_UNFINISHED = 20;
const SWEEP_MS = 60_000;
const ATTEMPTS = 8;
const BACKOFF_MS = 1_000;

const jobKind = (kind: Artifact["kind"]): string => `artifact-${kind}`;

/** Has the queue make what is asked for, also what was left by a process that died or a queue that was lost. */
export function createArtifacts(options: ArtifactsOptions): Artifacts {
  const { store, queue, log, now = () => new Date() } = options;
  const work = { attempts: ATTEMPTS, backoffMs: BACKOFF_MS };
  const handle = (job: Job): Promise<void> => make(options, job, now);
  const givenUp = ({ id }: Job, error: unknown): Promise<void> =>
    end(store, id, { status: "failed", error: GovernanceError.from(error).message, finished_at: now() });
  for (const kind of ["export", "report"] as const) queue.define(jobKind(kind), { ...work, handle, givenUp });
  queue.every("artifact-sweep", SWEEP_MS, () => sweep(store, queue));

  async function order(artifact: Artifact): Promise<Artifact> {
    const unfinished = await store.aggregate("artifacts", [
      { $match: UNFINISHED },
      { $limit: MAX_UNFINISHED },
      { $project: { _id: 1 } },
    ]);
    if (unfinished.length >= MAX_UNFINISHED) {
      throw new GovernanceError("artifact.queue_full", `${MAX_UNFINISHED} exports and reports wait to be made already`);
    }
    const { _id: id, ...set } = artifact;
    await store.apply([{ collection: "artifacts", id, set }]);
    await queue.add(jobKind(artifact.kind), { id }).catch((error: unknown) => {
      log.warn({ err: error, id }, "an export or report waits for the job queue");
    });
    return artifact;
  }

  async function find(kind: Artifact["kind"], id: string): Promise<Artifact> {
    const found = await findArtifact(store, id);
    if (found?.kind !== kind) throw new GovernanceError("record.unknown", `there is no ${kind} ${id}`);
    return found;
  }

  return {
    find,
    orderExport: ({ format, from, to, collections, filters, by }) =>
      order({ ...ordered({ from, to, by, now: now() }), kind: "export", format, collections, filters }),
    orderReport: ({ from, to, servers, by }) => {
      const filters = servers ? { servers } : {};
      return order({
        ...ordered({ from, to, by, now: now() }),
        kind: "report",
        format: "html",
        collections: [],
        filters,
      });
    },
    async open(kind, id, view) {
      const artifact = await find(kind, id);
      const file = artifact.files.find((one) => one.view === view);
      if (artifact.status !== "done" || !file) throw new GovernanceError("artifact.unfinished", sentenceOf(artifact));
      return { file, text: await begun(readContent(store, file.segments)) };
    },
    async cancel(kind, id) {
      const artifact = await find(kind, id);
      if (artifact.status !== "cancelled") {
        const set = { status: "cancelled", files: [], finished_at: now() };
        await store.apply([{ collection: "artifacts", id, set, onlyIf: { document_type: "artifact" } }]);
      }
      await removeContent(store, id);
      return find(kind, id);
    },
  };
}

type Given = Pick<ReportOrder, "from" | "to" | "by"> & { now: Date };

function ordered({ from, to, by, now }: Given): Omit<Artifact, "kind" | "format" | "collections" | "filters"> {
  return {
    _id: randomUUID(),
    status: "waiting",
    requested_by: by,
    timestamp: now,
    range: { from, to },
    progress: { records: 0, fraction: 0 },
    pages: 0,
    files: [],
    error: null,
    finished_at: null,
    document_type: "artifact",
  };
}

function sentenceOf({ kind, status, error }: Artifact): string {
  const ends: Readonly<Partial<Record<Status, string>>> = {
    failed: `has failed: ${error}`,
    cancelled: "was cancelled",
  };
  return `the ${kind} ${ends[status] ?? "is not finished"}`;
}

/** With the first piece read ahead, so that what is gone altogether is refused rather than broken off. */
async function begun(text: AsyncGenerator<string, void, undefined>): Promise<AsyncIterable<string>> {
  const first = await text.next();
  return (async function* whole() {
    if (first.value !== undefined) yield first.value;
    yield* text;
  })();
}

/** Adds again what nobody works on, because a process died or the queue was lost. What is at work stays as it is. */
async function sweep(store: RecordStore, queue: ArtifactsOptions["queue"]): Promise<void> {
  const unfinished = await store.aggregate("artifacts", [{ $match: UNFINISHED }, { $project: { kind: 1 } }]);
  for (const { _id, kind } of unfinished) await queue.add(jobKind(kind as Artifact["kind"]), { id: String(_id) });
}

async function make(options: ArtifactsOptions, { id, signal }: Job, now: () => Date): Promise<void> {
  const { store } = options;
  await store.apply([{ collection: "artifacts", id, set: { status: "running" }, onlyIf: { status: "waiting" } }]);
  const artifact = await findArtifact(store, id);
  const makeIt = artifact?.kind === "export" ? makeExport : makeReport;
  const made = artifact?.status === "running" && (await makeIt(options, artifact, signal));
  if (made) {
    const progress = { records: made.records, fraction: 1 };
    await end(store, id, { status: "done", files: made.files, progress, finished_at: now() });
  }
  // A page may have been kept while somebody cancelled it.
  if ((await findArtifact(store, id))?.status === "cancelled") await removeContent(store, id);
}

/** Whatever somebody has cancelled meanwhile stays so. */
async function end(store: RecordStore, id: string, set: Document & { status: Status }): Promise<void> {
  const from = (status: Status) => ({ collection: "artifacts", id, set, onlyIf: { status } }) as const;
  await store.apply([from("running")]);
  // What never began can only fail.
  if (set.status === "failed") await store.apply([from("waiting")]);
}
