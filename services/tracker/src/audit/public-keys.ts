import type { RecordStore } from "../record-store.ts";

/** A key that checkpoints in the record say they were signed with: DER of the SPKI, base64. */
export interface PublicKey {
  key_id: string;
  public_key: string;
}

/** So many checkpoints are looked at: they are made every few seconds, and keys change hardly ever. */
const NEWEST = [{ $sort: { timestamp: -1, _id: -1 } }, { $limit: 1_000 }];

/** The keys that the newest checkpoints name, in the order of their ids. */
export async function publicKeysIn(store: Pick<RecordStore, "aggregate">): Promise<PublicKey[]> {
  const keys = await store.aggregate("audit_checkpoints", [
    ...NEWEST,
    { $project: { key_id: 1, public_key: 1 } },
    { $group: { _id: "$key_id", public_key: { $first: "$public_key" } } },
    { $sort: { _id: 1 } },
  ]);
  return keys.map(({ _id, public_key }) => ({ key_id: String(_id), public_key: String(public_key) }));
}
