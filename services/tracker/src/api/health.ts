import type { Backlog } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { QueueStatus } from "../jobs/job-queue.ts";
import type { StoreStatus } from "../record-store.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";

/** How a part is: what it can tell, and what is wrong with it although it answers. */
type Told<Details> = Details & { problem?: string | undefined };

/** What is asked how it is. Each rejects with the reason where it cannot tell. */
export interface HealthParts {
  database(): Promise<Told<StoreStatus>>;
  pipeline(): Promise<Told<PipelineStatus>>;
  jobs(): Promise<Told<QueueStatus>>;
  audit(): Promise<Told<AuditStatus>>;
}

export interface PipelineStatus {
  backlog: Backlog;
  /** Milliseconds from an event to its record, of the last batch; null before the first. */
  lag_ms: number | null;
  last_batch_at: Date | null;
}

export interface AuditStatus {
  /** Of the newest checkpoint; null before the first. */
  checkpoint_at: Date | null;
}

const ANSWER_MS = 2_000;

const part = <Shape extends z.ZodRawShape>(details: Shape) =>
  z.object({
    status: z.enum(["ok", "degraded"]),
    reason: z.string().nullable().describe("What is wrong; null where nothing is"),
    ...z.object(details).partial().shape,
  });

const Health = z.object({
  status: z.enum(["ok", "degraded"]),
  parts: z.object({
    database: part({
      bytes: z.number().describe("Of the data and its indexes on disk"),
      indexes: z.int(),
      documents: z.record(z.string(), z.number()).describe("By collection; estimates"),
    }),
    pipeline: part({
      backlog: z.object({ waiting: z.int(), unit: z.enum(["events", "messages"]) }).describe("Not recorded yet"),
      lag_ms: z.number().nullable().describe("Milliseconds from an event to its record, of the last batch"),
      last_batch_at: z.date().nullable(),
    }),
    jobs: part({ waiting: z.int(), active: z.int(), delayed: z.int(), failed: z.int() }),
    audit: part({ checkpoint_at: z.date().nullable().describe("When the newest checkpoint was signed") }),
  }),
});

/** How the tracker and what it depends on are. Answers also where some of it does not. */
export function healthRoute(parts: HealthParts): Endpoint {
  const names = ["database", "pipeline", "jobs", "audit"] as const;
  return endpoint({
    method: "GET",
    path: "/governance/health",
    summary: "How the database, the pipeline, the jobs and the audit trail are",
    access: "open",
    data: Health,
    async answer() {
      const told = await Promise.all(names.map(async (name) => [name, await stateOf(parts[name])] as const));
      const isOk = told.every(([, { status }]) => status === "ok");
      return { json: JSON.stringify({ status: isOk ? "ok" : "degraded", parts: Object.fromEntries(told) }) };
    },
  });
}

async function stateOf(tell: () => Promise<Told<object>>): Promise<{ status: "ok" | "degraded" }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  try {
    const { problem, ...details } = await Promise.race([tell(), late]);
    return { status: problem === undefined ? "ok" : "degraded", ...{ reason: problem ?? null }, ...details };
  } catch (error) {
    return { status: "degraded", ...{ reason: error instanceof Error ? error.message : String(error) } };
  } finally {
    clearTimeout(timer);
  }
}
