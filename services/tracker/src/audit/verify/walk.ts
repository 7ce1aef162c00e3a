import type { Document } from "../../record-store.ts";
import { genesisOf } from "../chain.ts";
import type { Block } from "../evidence.ts";
import { blockOf, flawOf } from "./block-of.ts";
import { type Claim, type Claims, NOTHING_SIGNED, type Signed } from "./claims.ts";
import type { Findings } from "./findings.ts";
import type { Fingerprints } from "./fingerprints.ts";

export interface Gap {
  from: number;
  to: number;
  /** When the block before was written. */
  since: Date;
}

/** A chain as far as it was walked. */
export interface Walked {
  /** The first block found. */
  begin: Block;
  last: Block;
  /** Facts from the first block on. */
  leaves: number;
  /** Ranges of blocks that were not there when those after them came. */
  gaps: Gap[];
  signed: Signed;
  /** Index of the next claim to be met. */
  nextClaim: number;
  /** Facts before the first block, once a checkpoint has told. */
  leavesBefore: number | undefined;
}

export interface Walk {
  /** Takes a block. `again`: it may have been taken before. */
  take(document: Document, again?: boolean): void;
  readonly chains: ReadonlyMap<string, Walked>;
  /** Whether blocks are missing between others. */
  readonly hasGaps: boolean;
  readonly blocks: number;
  readonly leaves: number;
  /** Blocks that nobody signed for. */
  readonly unsealed: number;
  readonly newest: Date | undefined;
}

interface WalkOptions {
  claims: Claims;
  prints: Fingerprints;
  findings: Findings;
}

export function createWalk({ claims, prints, findings }: WalkOptions): Walk {
  const signed = claims.chains();
  const chains = new Map<string, Walked>();
  let blocks = 0;
  let leaves = 0;
  let unsealed = 0;
  let newest: Date | undefined;

  const vouches = (block: Block, { until, closedAt, first }: Signed): boolean => {
    const isSigned = claims.isSigned(block);
    // What has no checkpoint may be of a tracker that has just begun, with a key of its own.
    if (!isSigned && first) findings.add(about(block, "bad_signature", "is not signed with the key of its chain"));
    if (closedAt !== undefined) return isSigned && block.seq <= closedAt;
    if (block.seq > until) unsealed += 1;
    return isSigned;
  };
  const count = (block: Block, signs: Signed): void => {
    const isVouched = vouches(block, signs);
    for (const [, , , , digest] of block.leaves) prints.add(digest, block.timestamp, isVouched);
    blocks += 1;
    leaves += block.leaves.length;
    if (!newest || block.timestamp > newest) newest = block.timestamp;
  };

  /** What was on its way before may be there by now. */
  const takeLate = (chain: Walked, block: Block, document: Document): void => {
    if (!fill(chain, block)) return;
    lookAt(block, document, findings);
    count(block, chain.signed);
  };

  return {
    take(document, again = false) {
      const block = blockOf(document);
      if (!block) return findings.add(misshapen(document));
      const chain = chains.get(block.partition);
      if (again && chain && block.seq <= chain.last.seq) return takeLate(chain, block, document);
      const signs = signed.get(block.partition) ?? NOTHING_SIGNED();
      lookAt(block, document, findings);
      count(block, signs);
      if (chain) extend(chain, block, findings);
      else chains.set(block.partition, begin(block, signs, findings));
    },
    chains,
    get hasGaps() {
      return [...chains.values()].some(({ gaps }) => gaps.length > 0);
    },
    get blocks() {
      return blocks;
    },
    get leaves() {
      return leaves;
    },
    get unsealed() {
      return unsealed;
    },
    get newest() {
      return newest;
    },
  };
}

/** The block by itself. */
function lookAt(block: Block, document: Document, findings: Findings): void {
  const flaw = flawOf(block, document);
  if (flaw) findings.add(about(block, "chain_broken", flaw));
}

type BlockFinding = "chain_broken" | "inserted" | "reordered" | "bad_signature";

function about({ partition, seq }: Block, kind: BlockFinding, what: string) {
  return { kind, partition, seq, message: `block ${seq} of the chain ${partition} ${what}` };
}

function misshapen({ _id: id }: Document) {
  return {
    kind: "chain_broken" as const,
    collection: "audit_blocks",
    id: String(id),
    message: `${String(id)} in audit_blocks has not the form of a block`,
  };
}

function begin(block: Block, signed: Signed, findings: Findings): Walked {
  const { claims, first } = signed;
  if (block.seq === 1 && first && genesisOf(first.partition, first.key_id, first.witnessed) !== block.prev)
    findings.add(about(block, "chain_broken", "does not hang on what its first checkpoint says"));
  const walked: Walked = {
    begin: block,
    last: block,
    leaves: block.leaves.length,
    gaps: [],
    signed,
    nextClaim: claims.findIndex(({ seq }) => seq >= block.seq),
    leavesBefore: block.seq === 1 ? 0 : undefined,
  };
  if (walked.nextClaim < 0) walked.nextClaim = claims.length;
  meetClaims(walked, block, findings);
  return walked;
}

function extend(chain: Walked, block: Block, findings: Findings): void {
  const expected = chain.last.seq + 1;
  if (block.seq < expected) return findings.add(comesLate(chain, block));
  if (block.seq > expected) chain.gaps.push({ from: expected, to: block.seq - 1, since: chain.last.timestamp });
  else if (block.prev !== chain.last.hash)
    findings.add(about(block, "chain_broken", `does not hang on block ${chain.last.seq} as it is`));
  chain.last = block;
  chain.leaves += block.leaves.length;
  meetClaims(chain, block, findings);
}

function comesLate(chain: Walked, block: Block) {
  return fill(chain, block)
    ? about(block, "reordered", `comes after block ${chain.last.seq}`)
    : about(block, "inserted", "is there twice, or before the beginning of its chain");
}

/** False where the block was not missing. */
function fill(chain: Walked, { seq, leaves }: Block): boolean {
  const gap = chain.gaps.find(({ from, to }) => from <= seq && seq <= to);
  if (!gap) return false;
  chain.gaps.splice(chain.gaps.indexOf(gap), 1, { ...gap, to: seq - 1 }, { ...gap, from: seq + 1 });
  chain.gaps = chain.gaps.filter(({ from, to }) => from <= to);
  chain.leaves += leaves.length;
  return true;
}

/** The block must be what was signed for. */
function meetClaims(chain: Walked, block: Block, findings: Findings): void {
  const { claims } = chain.signed;
  for (let claim = claims[chain.nextClaim]; claim && claim.seq <= block.seq; claim = claims[chain.nextClaim]) {
    chain.nextClaim += 1;
    if (claim.seq < block.seq) continue;
    if (claim.hash !== block.hash) {
      findings.add(about(block, "chain_broken", `or one before it was changed: ${claim.by} has another hash of it`));
      continue;
    }
    meetCount(chain, { claim, block }, findings);
  }
}

function meetCount(chain: Walked, { claim, block }: { claim: Claim; block: Block }, findings: Findings): void {
  if (claim.leaves === undefined || chain.gaps.length > 0) return;
  chain.leavesBefore ??= claim.leaves - chain.leaves;
  if (chain.leavesBefore + chain.leaves !== claim.leaves)
    findings.add(about(block, "chain_broken", `ends another number of facts than ${claim.by} says`));
}
