import type { Claims, Signed } from "./claims.ts";
import type { Finding, Findings } from "./findings.ts";
import type { ExportScope } from "./source.ts";
import type { Tombstones } from "./tombstones.ts";
import type { Walk, Walked } from "./walk.ts";

interface EndsOptions {
  walk: Walk;
  claims: Claims;
  tombstones: Tombstones;
  findings: Findings;
  scope: ExportScope | undefined;
}

/** An idle tracker signs once an hour. */
const SILENCE_MS = 3_900_000;

/** Whether chains begin and end where they should, with nothing missing between. */
export function checkEnds({ walk, claims, tombstones, findings, scope }: EndsOptions): void {
  for (const chain of walk.chains.values()) {
    checkBegin(chain, { tombstones, findings, scope });
    checkGaps(chain, { tombstones, findings, scope });
  }
  for (const [partition, signed] of claims.chains()) {
    const chain = walk.chains.get(partition);
    if (signed.until <= (chain?.last.seq ?? tombstones.removedUntil(partition)?.seq ?? 0)) continue;
    if (!isLeftOut(chain, { signed, tombstones, scope })) findings.add(missingEnd(partition, chain, signed));
  }
  if (scope) checkSilence(scope, { claims, findings });
}

function checkGaps({ gaps, begin: { partition } }: Walked, { tombstones, findings, scope }: BeginOptions): void {
  const removedUntil = tombstones.removedUntil(partition)?.seq ?? 0;
  for (const { from: first, to, since } of gaps) {
    // Retention may be removing them at this moment, or have been stopped by a crash.
    const from = Math.max(first, removedUntil + 1);
    if (from > to) continue;
    // What an export has of a chain after its range need not be all.
    if (scope && since.getTime() >= scope.to) continue;
    const message = `blocks ${from} to ${to} of the chain ${partition} are missing`;
    findings.add({ kind: "missing_block", partition, seq: from, message });
  }
}

function missingEnd(partition: string, chain: Walked | undefined, { until, claims }: Signed): Finding {
  const by = claims.at(-1)?.by;
  if (!chain) {
    const message = `the chain ${partition} is missing: ${by} tells of its block ${until}`;
    return { kind: "missing_partition", partition, seq: until, message };
  }
  const { seq } = chain.last;
  const message = `the chain ${partition} ends with block ${seq}, though ${by} tells of its block ${until}`;
  return { kind: "truncated", partition, seq, message };
}

type BeginOptions = Pick<EndsOptions, "tombstones" | "findings" | "scope">;

function checkBegin({ begin }: Walked, { tombstones, findings, scope }: BeginOptions): void {
  const { partition, seq, prev, timestamp } = begin;
  const removed = tombstones.removedUntil(partition);
  if (seq === 1 || (removed && seq <= removed.seq)) return;
  // An export begins with the last block before its range.
  if (scope && timestamp.getTime() < scope.from) return;
  if (removed?.seq === seq - 1) {
    if (removed.hash === prev) return;
    const message = `block ${seq} of the chain ${partition} does not hang on the last one that retention removed`;
    findings.add({ kind: "chain_broken", partition, seq, message });
    return;
  }
  const from = (removed?.seq ?? 0) + 1;
  const message = `blocks ${from} to ${seq - 1} of the chain ${partition} are missing at its beginning`;
  findings.add({ kind: "missing_block", partition, seq: from, message });
}

interface LeavingOut {
  signed: Signed;
  tombstones: Tombstones;
  scope: ExportScope | undefined;
}

/**
 * An export ends with a block after its range. An anchor may speak of chains that an export does not touch, or that are
 * gone with the tombstones that told of it.
 */
function isLeftOut(chain: Walked | undefined, { signed, tombstones, scope }: LeavingOut): boolean {
  if (chain) return scope !== undefined && chain.last.timestamp.getTime() >= scope.to;
  return !signed.isCited && (scope !== undefined || tombstones.mayBeGone("audit_checkpoints", signed.toldAt));
}

/** Without a signature from about its end an export may have been cut there. */
function checkSilence(scope: ExportScope, { claims, findings }: Pick<EndsOptions, "claims" | "findings">): void {
  const end = Math.min(scope.to, scope.createdAt);
  const newest = claims.newest?.timestamp.getTime() ?? Number.NEGATIVE_INFINITY;
  if (newest >= end - SILENCE_MS) return;
  const message = claims.newest
    ? `nothing is signed after ${claims.newest.timestamp.toISOString()}, though the export goes on to ${new Date(end).toISOString()}`
    : "nothing in the export is signed";
  findings.add({ kind: "truncated", message });
}
