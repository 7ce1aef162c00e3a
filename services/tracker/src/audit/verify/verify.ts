import { setTimeout as sleep } from "node:timers/promises";
import type { Collection } from "../../record-store.ts";
import type { Checkpoint } from "../evidence.ts";
import { CHAINED } from "../facts.ts";
import { checkDocument, timeOf } from "./check-document.ts";
import { type Claims, createClaims } from "./claims.ts";
import { checkEnds } from "./ends.ts";
import { createFindings, type Finding, type FindingKind } from "./findings.ts";
import { createFingerprints } from "./fingerprints.ts";
import { type Settled, type SettleOptions, settle } from "./settle.ts";
import type { EvidenceSource, Held } from "./source.ts";
import { createSuspects, type Suspect } from "./suspects.ts";
import { createTombstones } from "./tombstones.ts";
import { createWalk } from "./walk.ts";

interface VerifyOptions {
  /** DER in base64. Without them, and without an anchor, the keys are believed that the record itself names. */
  publicKeys?: readonly string[] | undefined;
  /** Checkpoints kept elsewhere: their keys are believed, and what they saw must be there. */
  anchor?: readonly Checkpoint[] | undefined;
  now?: () => Date;
  /** Aborted to leave off: `verify` then rejects. */
  signal?: AbortSignal;
}

/** What was looked at, and what was found. */
export interface Verification {
  isIntact: boolean;
  checkedAt: Date;
  /** All of them are counted, the first thousand listed. */
  total: number;
  byKind: Readonly<Record<FindingKind, number>>;
  findings: readonly Finding[];
  covered: {
    records: Partial<Record<Collection, number>>;
    partitions: number;
    blocks: number;
    facts: number;
    checkpoints: number;
    /** Times of the earliest and the latest block. */
    from: Date | null;
    to: Date | null;
  };
  newestCheckpoint: Checkpoint | null;
  keys: { id: string; publicKey: string }[];
  keysFrom: "given" | "anchor" | "record";
  /** Records that are so fresh that their block may be on its way. */
  pending: number;
  /** Blocks that nobody has signed for yet. */
  unsealed: number;
  settled: Settled;
}

const RECHECKS = 3;
const RECHECK_MS = 1_500;
/** Clocks of replicas differ. */
const CLOCK_SKEW_MS = 120_000;

/** Compares every record with the signed chain, and the chain with itself. Memory does not grow with what the records hold. */
export async function verify(source: EvidenceSource, options: VerifyOptions = {}): Promise<Verification> {
  const { anchor = [], now = () => new Date(), signal } = options;
  const findings = createFindings();
  const { trusted, keysFrom } = trustOf(options);
  const claims = createClaims(findings, trusted);
  for await (const document of source.checkpoints()) claims.add(document);
  const { newest = null, count } = claims;
  for (const checkpoint of anchor) claims.add({ ...checkpoint }, "an anchor");

  const prints = createFingerprints();
  const walk = createWalk({ claims, prints, findings });
  const tombstones = createTombstones(source.scope?.createdAt ?? now().getTime());
  const suspects = createSuspects(findings);
  const context = { source, prints, walk, tombstones, suspects, findings, signal, now };
  for await (const document of source.blocks()) {
    signal?.throwIfAborted();
    walk.take(document);
  }
  const records = await checkAll(context);
  await checkAgain(context);
  const settled = await settle(context);
  checkEnds({ walk, claims, tombstones, findings, scope: source.scope });
  const pending = suspects.report(now().getTime());
  return {
    isIntact: findings.total === 0,
    checkedAt: now(),
    total: findings.total,
    byKind: findings.byKind,
    findings: findings.listed,
    covered: { records, checkpoints: count, ...coverageOf(context) },
    newestCheckpoint: newest,
    keys: keysOf(claims),
    keysFrom,
    pending,
    unsealed: walk.unsealed,
    settled,
  };
}

function trustOf({ publicKeys, anchor = [] }: VerifyOptions) {
  if (publicKeys) return { trusted: new Set(publicKeys), keysFrom: "given" as const };
  if (anchor.length === 0) return { trusted: undefined, keysFrom: "record" as const };
  return { trusted: new Set(anchor.map((checkpoint) => checkpoint.public_key)), keysFrom: "anchor" as const };
}

interface Context extends SettleOptions {
  signal: AbortSignal | undefined;
  now: () => Date;
}

async function checkAll(context: Context): Promise<Partial<Record<Collection, number>>> {
  const records: Partial<Record<Collection, number>> = {};
  const { source } = context;
  for (const collection of CHAINED) {
    let count = 0;
    for await (const held of source.documents(collection)) {
      context.signal?.throwIfAborted();
      count += 1;
      check(collection, held, context);
    }
    if (count > 0) records[collection] = count;
  }
  return records;
}

function check(collection: Collection, held: Held, { source, prints, tombstones, suspects }: Context): void {
  const suspicion = checkDocument(collection, held, {
    ...{ prints, tombstones },
    // An export has tombstones beside its records.
    isOnce: source.scope !== undefined && collection !== "retention_runs",
  });
  // A checkpoint proves itself; the newest ones are not in a block yet.
  if (suspicion && collection !== "audit_checkpoints")
    suspects.add({ collection, id: held.id, storedAt: timeOf(held.document.stored_at), ...suspicion });
  // Only what the chain tells may excuse anything.
  if (!suspicion && collection === "retention_runs") tombstones.add(held.document);
}

/** What is written while it is read is not found at once. */
async function checkAgain(context: Context): Promise<void> {
  const { source, walk, suspects, signal } = context;
  if (!source.isLive) return;
  for (let round = 0; round < RECHECKS && (suspects.size > 0 || walk.hasGaps); round += 1) {
    if (round > 0) await sleep(RECHECK_MS, undefined, signal && { signal });
    const since = walk.newest && new Date(walk.newest.getTime() - CLOCK_SKEW_MS);
    for await (const document of source.blocks(since)) walk.take(document, true);
    await recheck(suspects.take(), context);
  }
}

async function recheck(suspects: readonly Suspect[], context: Context): Promise<void> {
  for (const collection of new Set(suspects.map((suspect) => suspect.collection))) {
    const ids = suspects.filter((suspect) => suspect.collection === collection).map(({ id }) => id);
    for await (const held of context.source.find(collection, ids)) check(collection, held, context);
  }
}

function coverageOf({ walk }: Context) {
  const begins = [...walk.chains.values()].map(({ begin }) => begin.timestamp.getTime());
  return {
    partitions: walk.chains.size,
    blocks: walk.blocks,
    facts: walk.leaves,
    from: begins.length > 0 ? new Date(begins.reduce((a, b) => Math.min(a, b))) : null,
    to: walk.newest ?? null,
  };
}

function keysOf({ keys }: Claims) {
  return [...keys].map(([id, publicKey]) => ({ id, publicKey }));
}
