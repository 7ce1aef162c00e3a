import type { RecordStore } from "../record-store.ts";

/** A key that checkpoints in the record say they were signed with: DER of the SPKI, base64. */
export interface PublicKey {
  key_id: string;
  public_key: string;
}

/** The keys that checkpoints name, in the order of their ids. */
export async function publicKeysIn(store: Pick<RecordStore, "aggregate">): Promise<PublicKey[]> {
  const keys = await store.aggregate("audit_checkpoints", [
    { $group: { _id: "$key_id", public_key: { $first: "$public_key" } } },
    { $sort: { _id: 1 } },
  ]);
  return keys.map(({ _id, public_key }) => ({ key_id: String(_id), public_key: String(public_key) }));
}
