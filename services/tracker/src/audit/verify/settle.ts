import type { Collection } from "../../record-store.ts";
import type { Block } from "../evidence.ts";
import { CHAINED, factsOf } from "../facts.ts";
import { blockOf } from "./block-of.ts";
import { digestOfPart } from "./check-document.ts";
import type { Findings } from "./findings.ts";
import type { Fingerprints } from "./fingerprints.ts";
import type { EvidenceSource, ExportScope, Held } from "./source.ts";
import type { Suspects } from "./suspects.ts";
import type { Tombstones } from "./tombstones.ts";
import type { Walk } from "./walk.ts";

export interface SettleOptions {
  source: EvidenceSource;
  prints: Fingerprints;
  walk: Walk;
  suspects: Suspects;
  tombstones: Tombstones;
  findings: Findings;
}

/** A fact of the chain that no document shows. */
interface Unseen {
  collection: Collection;
  part: string;
  id: string;
  digest: string;
  partition: string;
  seq: number;
  /** Somebody has signed that it is kept. */
  isSealed: boolean;
}

export interface Settled {
  /** Facts whose documents may be gone by retention, and are. */
  expired: number;
  /** Facts that nobody signed for and no document shows: a process ended while it wrote them. */
  unfinished: number;
  /** Facts of documents that an export leaves out, or of its range and told when it was made or later. */
  notProvable: number;
}

const AT_ONCE = 5_000;
/** A write that is under way when an export begins is in the chain with an earlier time; and clocks of replicas differ. */
const UNDER_WAY_MS = 10_000;
/** Replicas deliver anew what another one could not keep: what came about then has no order. */
const DISORDER_MS = 60_000;

interface Settling extends SettleOptions {
  settled: Settled;
  /** Sessions whose beginning was so early that they may be gone, though their end was not. */
  gone: Set<string>;
}

/** Goes through the chain again and says of each fact that no document shows why that is. */
export async function settle(options: SettleOptions): Promise<Settled> {
  const settling: Settling = { ...options, settled: { expired: 0, unfinished: 0, notProvable: 0 }, gone: new Set() };
  let unseen: Unseen[] = [];
  for await (const document of options.source.blocks()) {
    const block = blockOf(document);
    if (block) unseen.push(...unseenOf(block, settling));
    if (unseen.length < AT_ONCE) continue;
    await resolve(unseen, settling);
    unseen = [];
  }
  await resolve(unseen, settling);
  return settling.settled;
}

/** Facts that documents should show and do not. */
function unseenOf({ partition, seq, leaves, timestamp }: Block, settling: Settling): Unseen[] {
  const { prints, source, suspects, walk } = settling;
  const isSealed = seq <= (walk.chains.get(partition)?.signed.until ?? 0);
  const isLater = isLateFor(source.scope, timestamp);
  const unseen: Unseen[] = [];
  for (const [collection, part, id, at, digest] of leaves) {
    if (timeOfFact(digest, prints) === undefined) continue;
    suspects.recognize(collection, id);
    if (isElsewhere(source.scope, collection, at) || !isFirstMissed(digest, prints)) continue;
    if (!isExcused({ collection, id, at, isLater }, settling))
      unseen.push({ collection, part, id, digest, partition, seq, isSealed });
  }
  return unseen;
}

/** What was told after an export began may not be in it. */
function isLateFor(scope: ExportScope | undefined, told: Date): boolean {
  return scope !== undefined && told.getTime() >= scope.createdAt - UNDER_WAY_MS;
}

function isExcused({ isLater, ...place }: Place & { isLater: boolean }, settling: Settling): boolean {
  if (isLater) settling.settled.notProvable += 1;
  return isLater || hasExpired(place, settling);
}

/** Facts that come twice are looked at once. */
function isFirstMissed(digest: string, prints: Fingerprints): boolean {
  const entry = prints.find(digest);
  if (entry === undefined || prints.isSeen(entry)) return false;
  prints.see(entry);
  return true;
}

function isElsewhere(scope: ExportScope | undefined, collection: Collection, at: number): boolean {
  if (!scope) return !CHAINED.includes(collection);
  return !scope.collections.includes(collection) || at < scope.from || at >= scope.to;
}

interface Place {
  collection: Collection;
  id: string;
  at: number;
}

function hasExpired({ collection, id, at }: Place, { tombstones, settled, gone }: Settling): boolean {
  if (!tombstones.mayBeGone(collection, at)) return false;
  settled.expired += 1;
  if (collection === "sessions") gone.add(id);
  return true;
}

async function resolve(unseen: readonly Unseen[], settling: Settling): Promise<void> {
  for (const collection of new Set(unseen.map((fact) => fact.collection))) {
    const byId = grouped(unseen.filter((fact) => fact.collection === collection));
    for await (const held of settling.source.find(collection, [...byId.keys()])) {
      for (const fact of byId.get(held.id) ?? []) judge(fact, held, settling);
      byId.delete(held.id);
    }
    for (const missing of [...byId.values()].flat()) judgeMissing(missing, settling);
  }
}

function grouped(facts: readonly Unseen[]): Map<string, Unseen[]> {
  const byId = new Map<string, Unseen[]>();
  for (const fact of facts) byId.set(fact.id, [...(byId.get(fact.id) ?? []), fact]);
  return byId;
}

function judge(fact: Unseen, held: Held, { prints, suspects, findings, settled }: Settling): void {
  const { collection, part, id, partition, seq } = fact;
  if (suspects.has(collection, id) || isSuperseded(fact, held, prints)) return;
  if (!fact.isSealed) {
    settled.unfinished += 1;
    return;
  }
  const message = `${id} in ${collection} was changed: it does not show what block ${seq} of ${partition} tells as ${part}`;
  findings.add({ kind: "changed", collection, id, part, partition, seq, message });
}

/** The document shows the fact after all, or another one that came about later. */
function isSuperseded({ collection, part, digest }: Unseen, held: Held, prints: Fingerprints): boolean {
  const { yieldsTo } = factsOf(collection).parts[part] ?? {};
  if (yieldsTo !== undefined && timeOfFact(digestOfPart(collection, held, yieldsTo), prints) !== undefined) return true;
  const shown = timeOfFact(digestOfPart(collection, held, part), prints);
  const told = timeOfFact(digest, prints);
  return shown !== undefined && told !== undefined && shown + DISORDER_MS >= told;
}

/** Undefined where nothing vouches for it. */
function timeOfFact(digest: string, prints: Fingerprints): number | undefined {
  const entry = prints.find(digest);
  return entry !== undefined && prints.vouches(entry) ? prints.timeOf(entry) : undefined;
}

function judgeMissing(fact: Unseen, { source, findings, settled, gone }: Settling): void {
  const { collection, id, part, partition, seq, isSealed } = fact;
  const isEndOfSession = collection === "sessions" && part === "closed";
  if (source.scope && (source.scope.isFiltered || isEndOfSession)) settled.notProvable += 1;
  else if (isEndOfSession && gone.has(id)) settled.expired += 1;
  else if (!isSealed) settled.unfinished += 1;
  else {
    const message = `${id} in ${collection} was removed: block ${seq} of ${partition} tells of it as ${part}`;
    findings.add({ kind: "removed", collection, id, part, partition, seq, message });
  }
}
