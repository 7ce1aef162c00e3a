export const FINDING_KINDS = [
  "changed",
  "removed",
  "inserted",
  "reordered",
  "chain_broken",
  "bad_signature",
  "missing_block",
  "missing_partition",
  "truncated",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** What does not fit together, and where. */
export interface Finding {
  kind: FindingKind;
  collection?: string;
  id?: string;
  /** Which fact of the document. */
  part?: string;
  /** The chain, and the block in it. */
  partition?: string;
  seq?: number;
  /** A sentence. */
  message: string;
}

const MAX_LISTED = 1_000;

/** Counts all, and keeps the first thousand. */
export interface Findings {
  add(finding: Finding): void;
  readonly listed: readonly Finding[];
  readonly total: number;
  readonly byKind: Readonly<Record<FindingKind, number>>;
}

export function createFindings(): Findings {
  const listed: Finding[] = [];
  const byKind = Object.fromEntries(FINDING_KINDS.map((kind) => [kind, 0])) as Record<FindingKind, number>;
  let total = 0;
  return {
    add(finding) {
      total += 1;
      byKind[finding.kind] += 1;
      if (listed.length < MAX_LISTED) listed.push(finding);
    },
    listed,
    get total() {
      return total;
    },
    byKind,
  };
}
