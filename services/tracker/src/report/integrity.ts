import { storeSource } from "../audit/verify/store-source.ts";
import { type Verification, verify } from "../audit/verify/verify.ts";
import type { RecordStore } from "../record-store.ts";
import type { Integrity } from "./report.ts";

const LISTED = 100;

/** Compares all of the record with its signed chains. Rejects when the signal is aborted. */
export async function checkIntegrity(store: Pick<RecordStore, "aggregate">, signal: AbortSignal): Promise<Integrity> {
  return integrityOf(await verify(storeSource(store), { signal }));
}

/** What a report says of a verification. */
function integrityOf(verification: Verification): Integrity {
  const { isIntact, checkedAt, total, findings, newestCheckpoint, keys, keysFrom } = verification;
  return {
    intact: isIntact,
    checked_at: checkedAt,
    ...coverageOf(verification),
    newest_checkpoint: newestCheckpoint && { at: newestCheckpoint.timestamp, key_id: newestCheckpoint.key_id },
    keys: keys.map(({ id }) => id),
    keys_from: keysFrom,
    findings: findings.slice(0, LISTED).map(({ kind, message }) => ({ kind, message })),
    findings_total: total,
  };
}

function coverageOf({ covered, pending, unsealed, settled }: Verification) {
  const records = Object.values(covered.records).reduce((sum, count) => sum + count, 0);
  const { partitions, blocks, facts, checkpoints, from, to } = covered;
  return { from, to, records, partitions, blocks, facts, checkpoints, pending, unsealed, expired: settled.expired };
}
