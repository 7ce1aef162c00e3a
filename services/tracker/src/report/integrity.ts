import { type Integrity, integrityOf } from "../audit/verify/integrity.ts";
import { storeSource } from "../audit/verify/store-source.ts";
import { verify } from "../audit/verify/verify.ts";
import type { RecordStore } from "../record-store.ts";

const LISTED = 100;

/** Compares all of the record with its signed chains; lists the first hundred findings. Rejects when the signal is aborted. */
export async function checkIntegrity(store: Pick<RecordStore, "aggregate">, signal: AbortSignal): Promise<Integrity> {
  const integrity = integrityOf(await verify(storeSource(store), { signal }));
  return { ...integrity, findings: integrity.findings.slice(0, LISTED) };
}
