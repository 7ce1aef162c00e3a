import type { Finding } from "./findings.ts";
import type { Verification } from "./verify.ts";

/** What the check of the audit trail found. It is about the whole record, not a period alone. */
export interface Integrity {
  intact: boolean;
  checked_at: Date;
  /** Times of the earliest and the latest block. */
  from: Date | null;
  to: Date | null;
  records: number;
  /** Chains, one for each run of a tracker. */
  partitions: number;
  blocks: number;
  facts: number;
  checkpoints: number;
  /** Records that were too fresh to be judged. */
  pending: number;
  /** Blocks that nobody had signed for yet. */
  unsealed: number;
  /** Facts whose records retention has taken. */
  expired: number;
  /** Facts that nobody has signed for and no record shows: a process ended while it wrote them. */
  unfinished: number;
  /** Facts whose records an export leaves out. */
  not_provable: number;
  newest_checkpoint: { at: Date; key_id: string } | null;
  /** Ids of the keys that signed. */
  keys: string[];
  /** `record`: the keys were believed that the record itself names. */
  keys_from: "given" | "anchor" | "record";
  /** All are counted, the first ones listed. */
  findings: readonly Finding[];
  findings_total: number;
}

export function integrityOf(verification: Verification): Integrity {
  const { isIntact, checkedAt, total, findings, newestCheckpoint, keys, keysFrom } = verification;
  return {
    intact: isIntact,
    checked_at: checkedAt,
    ...coverageOf(verification),
    newest_checkpoint: newestCheckpoint && { at: newestCheckpoint.timestamp, key_id: newestCheckpoint.key_id },
    keys: keys.map(({ id }) => id),
    keys_from: keysFrom,
    findings,
    findings_total: total,
  };
}

function coverageOf({ covered, pending, unsealed, settled }: Verification) {
  const { records, partitions, blocks, facts, checkpoints, from, to } = covered;
  return {
    ...{ from, to, partitions, blocks, facts, checkpoints, pending, unsealed },
    records: Object.values(records).reduce((sum, count) => sum + count, 0),
    expired: settled.expired,
    unfinished: settled.unfinished,
    not_provable: settled.notProvable,
  };
}
