import type { Collection } from "../record-store.ts";
import { FACTS, type Part } from "../records/facts.ts";

const whole = (members: readonly string[]): Part => ({ members: () => members, untold: () => ({}) });

interface Facts {
  parts: Readonly<Record<string, Part>>;
  unattested: readonly string[];
}

/** Facts that the audit trail has of itself. */
const OWN = {
  retention_runs: {
    parts: { run: whole(["timestamp", "expired", "payloads_before", "chains", "document_type"]) },
    unattested: ["stored_at"],
  },
  audit_checkpoints: {
    parts: {
      signed: whole([
        "partition",
        "seq",
        "hash",
        "leaves",
        "timestamp",
        "witnessed",
        "closes",
        "key_id",
        "public_key",
        "signature",
      ]),
    },
    unattested: [],
  },
} as const satisfies Partial<Record<Collection, Facts>>;

const all: Readonly<Partial<Record<Collection, Facts>>> = { ...FACTS, ...OWN };

/** Collections whose documents are made of facts, and of nothing else. What has expired says so first. */
export const CHAINED: readonly Collection[] = [
  "retention_runs",
  "audit_checkpoints",
  ...(Object.keys(FACTS) as Collection[]),
];

/** Of which facts documents of a collection are made. */
export function factsOf(collection: Collection): Facts {
  return all[collection] ?? { parts: {}, unattested: [] };
}
