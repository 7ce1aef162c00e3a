import { GovernedMethod } from "@mcp-governance-bridge/shared";
import type { Collection } from "./record-store.ts";

/** What a store keeps in order, so that a question reads no more than it asks for. The same on every store. */
export interface RecordIndex {
  /** Members, `client.name` for those of members, that a question compares with one value or a list of values. */
  by: readonly string[];
  /** A member that is a date or a number, by which what has the same values is in order, and by `_id` after it. */
  order?: string;
  /** Only documents whose members have one of these values, or any text but an empty one, are in the index. */
  only?: Readonly<Record<string, readonly string[] | readonly boolean[] | "text">>;
  /** No two documents have the same values. Stores that know documents by their `_id` alone need not check it. */
  unique?: true;
}

const timestamp = "timestamp";
const inTime: RecordIndex = { by: [], order: timestamp };
const pagesBy = (...by: string[]): RecordIndex => ({ by, order: timestamp });

/** Calls of tools are nearly all there are: a page of them is found by time. */
const OTHER_METHODS = GovernedMethod.options.filter((method) => method !== "tools/call");

const figures: readonly RecordIndex[] = [
  pagesBy("grouping"),
  pagesBy("grouping", "server_name"),
  pagesBy("grouping", "principal"),
];

/**
 * Every page and job has an index here, and none that another one serves. Where two would do, the first is read: those
 * that leave the fewest documents come first.
 */
export const recordIndexes: Readonly<Record<Collection, readonly RecordIndex[]>> = {
  tool_logs: [
    inTime,
    pagesBy("session_id"),
    pagesBy("tool_name"),
    pagesBy("principal"),
    // Most calls succeed, and a page of those is found by time.
    { ...pagesBy("status"), only: { status: ["denied", "error", "unknown"] } },
    { ...pagesBy("event_type"), only: { event_type: ["tool_invocation"] } },
    { ...pagesBy("denial.rule"), only: { "denial.rule": "text" } },
    { ...pagesBy("denial.code"), only: { "denial.code": "text" } },
    { ...pagesBy("method"), only: { method: OTHER_METHODS } },
    pagesBy("client.name"),
    pagesBy("server_name"),
  ],
  governance_logs: [
    inTime,
    pagesBy("session_id"),
    { ...pagesBy("rule"), only: { rule: "text" } },
    { ...pagesBy("policy_violation"), only: { policy_violation: "text" } },
    pagesBy("tool_name"),
    pagesBy("principal"),
    { ...pagesBy("shadow_denied"), only: { shadow_denied: [true] } },
    { ...pagesBy("decision"), only: { decision: ["denied"] } },
    { ...pagesBy("method"), only: { method: OTHER_METHODS } },
    pagesBy("client.name"),
    pagesBy("server_name"),
  ],
  policy_revisions: [inTime],
  sessions: [inTime, pagesBy("principal"), pagesBy("status")],
  record_reads: [inTime, pagesBy("reader")],
  dead_letters: [inTime, pagesBy("status")],
  retention_runs: [inTime],
  servers: [{ by: ["server_name"], unique: true }],
  server_tools: [{ by: ["server_name", "tool_name"], unique: true }],
  governance_configs: [],
  deployments: [],
  rosters: [],
  audit_blocks: [inTime, { by: ["partition"], order: "seq" }, { by: [], order: "last_at" }],
  audit_checkpoints: [inTime, { by: ["partition"], order: "seq" }],
  usage_minutes: figures,
  usage_hours: figures,
  usage_days: figures,
  usage_marks: [{ by: [], order: "marked_at" }],
  artifacts: [inTime, pagesBy("kind"), pagesBy("status")],
  artifact_chunks: [{ by: ["artifact"] }],
  alerts: [inTime, pagesBy("status"), pagesBy("rule"), { ...pagesBy("undelivered"), only: { undelivered: [true] } }],
};
