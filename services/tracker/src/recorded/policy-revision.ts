import { toJsonText } from "../payload.ts";
import type { RecordStore } from "../record-store.ts";

/** The policy document of a revision, as JSON; undefined where the record has none of that name. */
export async function policyRevision(source: Pick<RecordStore, "aggregate">, name: string): Promise<unknown> {
  const [revision] = await source.aggregate("policy_revisions", [{ $match: { _id: name } }, { $limit: 1 }]);
  return revision && JSON.parse(toJsonText(revision.document));
}
