import type { Document } from "../record-store.ts";
import { pagesOf } from "../usage/pages.ts";
import { Counts, type Top } from "./counts.ts";
import { type Scan, scopeOf } from "./scan.ts";

const PAGE = 1_000;
const TOP = 20;

export interface Decisions {
  total: number;
  allowed: number;
  denied: number;
  /** That rules on trial would have denied. */
  would_deny: number;
  /** Made while counters or another dependency were away, as a rule permits. */
  degraded: number;
  /** Revisions of the policy that decided. */
  revisions: Top;
}

/** Reads all decisions of the period once. */
export async function readDecisions(scan: Scan): Promise<Decisions> {
  const revisions = new Counts();
  const sums = { total: 0, allowed: 0, denied: 0, would_deny: 0, degraded: 0 };
  const add = (decision: Document): void => {
    sums.total += 1;
    sums[decision.decision === "denied" ? "denied" : "allowed"] += 1;
    if (decision.shadow_denied === true) sums.would_deny += 1;
    if (Array.isArray(decision.degraded) && decision.degraded.length > 0) sums.degraded += 1;
    revisions.add([String(decision.revision)]);
  };
  const pages = pagesOf(scan.store, {
    collection: "governance_logs",
    match: scopeOf(scan),
    from: scan.from,
    to: scan.to,
    size: PAGE,
    members: ["decision", "revision", "shadow_denied", "degraded"],
  });
  for await (const page of pages) {
    scan.signal.throwIfAborted();
    page.forEach(add);
  }
  return { ...sums, revisions: revisions.top(TOP) };
}
