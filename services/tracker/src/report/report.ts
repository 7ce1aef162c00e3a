import type { Retention } from "@mcp-governance-bridge/shared/configuration";
import type { Integrity } from "../audit/verify/integrity.ts";
import type { RetentionRun } from "../retention/retention-run.ts";
import { type Calls, readCalls } from "./calls.ts";
import { type Coverage, readCoverage } from "./coverage.ts";
import { type Decisions, readDecisions } from "./decisions.ts";
import type { Scan } from "./scan.ts";
import {
  type Access,
  type Alerts,
  type Deployment,
  type Listed,
  newest,
  type Policy,
  readAccess,
  readAlerts,
  readDeployments,
  readPolicy,
} from "./surroundings.ts";

/** What retention may have taken from then on. */
export interface Run {
  timestamp: Date;
  expired: { collection: string; before: Date }[];
  payloads_before: Date | null;
  /** From how many chains blocks were removed. */
  chains: number;
}

/** A compliance report: JSON as it stands, or a page for people. Times are in UTC. */
export interface Report {
  document_type: "compliance_report";
  created_at: Date;
  requested_by: string;
  /** `to` is exclusive. */
  period: { from: Date; to: Date; is_over: boolean };
  /** Null where it is about all servers. */
  servers: string[] | null;
  deployments: Deployment[];
  calls: Calls;
  decisions: Decisions;
  coverage: Coverage;
  policy: Policy;
  access: Access;
  alerts: Alerts;
  retention: { days: Retention; runs: Listed<Run> };
  /** Null where it could not be checked, with the reason in `integrity_error`. */
  integrity: Integrity | null;
  integrity_error: string | null;
}

interface ReportOptions extends Scan {
  by: string;
  now: Date;
  retention: Retention;
  /** Checks the audit trail, all of it. */
  checkIntegrity(signal: AbortSignal): Promise<Integrity>;
}

/** What the record says of the period. Reads it in pages: memory is bounded by the number of names in it. */
export async function makeReport({ by, now, retention, checkIntegrity, ...scan }: ReportOptions): Promise<Report> {
  const { calls, called } = await readCalls(scan);
  const decisions = await readDecisions(scan);
  return {
    document_type: "compliance_report",
    created_at: now,
    requested_by: by,
    period: { from: scan.from, to: scan.to, is_over: scan.to <= now },
    servers: scan.servers ?? null,
    deployments: await readDeployments(scan),
    calls,
    decisions,
    coverage: await readCoverage(scan, { calls, called, decisions }),
    policy: await readPolicy(scan),
    access: await readAccess(scan),
    alerts: await readAlerts(scan),
    retention: { days: { ...retention }, runs: await readRuns(scan) },
    ...(await integrityOf(checkIntegrity, scan.signal)),
  };
}

function readRuns(scan: Scan): Promise<Listed<Run>> {
  return newest(scan, {
    collection: "retention_runs",
    members: ["expired", "payloads_before", "chains"],
    item: (document) => {
      const { timestamp, expired, payloads_before, chains } = document as unknown as RetentionRun;
      return { timestamp, expired, payloads_before, chains: chains.length };
    },
  });
}

/** A check that fails is told in the report rather than leaving everybody without one. */
async function integrityOf(
  checkIntegrity: ReportOptions["checkIntegrity"],
  signal: AbortSignal,
): Promise<Pick<Report, "integrity" | "integrity_error">> {
  try {
    return { integrity: await checkIntegrity(signal), integrity_error: null };
  } catch (error) {
    signal.throwIfAborted();
    return { integrity: null, integrity_error: error instanceof Error ? error.message : String(error) };
  }
}
