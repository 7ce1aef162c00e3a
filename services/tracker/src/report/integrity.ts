import { keyIdOf } from "../audit/signer.ts";
import { storeSource } from "../audit/verify/store-source.ts";
import { verify } from "../audit/verify/verify.ts";
import type { RecordStore } from "../record-store.ts";
import type { Integrity } from "./report.ts";

/** Compares all of the record with its signed chains. Rejects when the signal is aborted. */
export async function checkIntegrity(store: Pick<RecordStore, "aggregate">, signal: AbortSignal): Promise<Integrity> {
  const { isIntact, covered, findings, total, keys, keysFrom, pending, unsealed } = await verify(storeSource(store), {
    signal,
  });
  const records = Object.values(covered.records).reduce((sum, count) => sum + count, 0);
  return {
    intact: isIntact,
    covered: [
      `${records} records in ${covered.blocks} blocks of ${covered.partitions} chains, ${covered.checkpoints} checkpoints.`,
      `${pending} records and ${unsealed} blocks were too fresh to be judged or not signed yet.`,
    ],
    findings: findings.map(({ message }) => message),
    findings_total: total,
    key: `${keys.map(({ publicKey }) => keyIdOf(publicKey)).join(", ") || "none"} (from the ${keysFrom})`,
  };
}
