import { hash } from "node:crypto";
import type { Collection, Document } from "../../record-store.ts";
import { canonicalText, quote } from "../canonical-text.ts";
import { factDigest, PAYLOADS } from "../fact-digest.ts";
import { factsOf } from "../facts.ts";
import type { Fingerprints } from "./fingerprints.ts";
import type { Held } from "./source.ts";
import type { Tombstones } from "./tombstones.ts";

interface CheckOptions {
  prints: Fingerprints;
  tombstones: Tombstones;
  /** Nothing is looked at again: what is met a second time is there twice. */
  isOnce: boolean;
}

/** What is wrong with a document. */
export interface Suspicion {
  message: string;
  /** Which fact tells what is wrong, where that is known. */
  part?: string;
  /** Its members are in order but for the inputs and outputs or a time of ours: it is known to the chain. */
  isKnown: boolean;
}

const DAY_MS = 86_400_000;
const FLAG_OF_EXPIRY = "payloads_expired";
const PAYLOAD_NAMES = Object.keys(PAYLOADS);

/** Whether all that the document says was told by facts of the chain, which are marked as seen. */
export function checkDocument(collection: Collection, held: Held, options: CheckOptions): Suspicion | undefined {
  const { matched, isRepeated } = matchedParts(collection, held, options.prints);
  if (matched.size === 0) return { message: "no fact of the chain tells of it", isKnown: false };
  if (isRepeated && options.isOnce) return { message: "it is there twice", isKnown: false };
  const loose = looseMember(collection, held, matched);
  if (loose) return loose;
  const message = wrongPayload(collection, held, options) ?? wrongTime(collection, held, matched);
  return message === undefined ? undefined : { message, isKnown: true };
}

/** Facts that the document has as they were told, with when they were. */
function matchedParts(collection: Collection, held: Held, prints: Fingerprints) {
  const matched = new Map<string, number>();
  let isRepeated = false;
  for (const [name, part] of Object.entries(factsOf(collection).parts)) {
    if (part.yieldsTo !== undefined && matched.has(part.yieldsTo)) continue;
    const entry = prints.find(digestOfPart(collection, held, name));
    if (entry === undefined || !prints.vouches(entry)) continue;
    isRepeated ||= prints.isSeen(entry);
    prints.see(entry);
    matched.set(name, prints.timeOf(entry));
  }
  return { matched, isRepeated };
}

/** Digest of what the document has of the fact. */
export function digestOfPart(collection: Collection, { id, document, told }: Held, name: string): string {
  const members = factsOf(collection).parts[name]?.members(document) ?? [];
  return factDigest({ collection, id, part: name }, told, setOf(members));
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(names: readonly string[]): ReadonlySet<string> {
  const known = sets.get(names) ?? new Set(names);
  sets.set(names, known);
  return known;
}

/** The first member that no fact told and that is not as it is before one is told. */
function looseMember(
  collection: Collection,
  { document, told }: Held,
  matched: ReadonlyMap<string, number>,
): Suspicion | undefined {
  const { parts, unattested } = factsOf(collection);
  const covered = Object.entries(parts).flatMap(([name, part]) =>
    matched.has(name) ? [setOf(part.members(document))] : [],
  );
  const open = Object.entries(parts).filter(([name]) => !matched.has(name));
  const isCovered = (name: string): boolean => covered.some((members) => members.has(name));
  const isExpected = (name: string, text: string): boolean =>
    isCovered(name) ||
    unattested.includes(name) ||
    (collection === "tool_logs" && name === FLAG_OF_EXPIRY) ||
    open.some(([, { untold }]) => untold !== undefined && isUntold(untold(document), name, text));
  for (const [name, text] of told) {
    if (isExpected(name, text)) continue;
    const part = open.find(([, one]) => setOf(one.members(document)).has(name))?.[0];
    return { message: `${name} is not as any fact of the chain tells it`, isKnown: false, ...(part && { part }) };
  }
  const expected = open.flatMap(([, { untold }]) => Object.keys(untold?.(document) ?? {}));
  const missing = expected.find((name) => !(told.has(name) || isCovered(name) || PAYLOAD_NAMES.includes(name)));
  return missing === undefined ? undefined : { message: `${missing} is missing`, isKnown: true };
}

function isUntold(untold: Document, name: string, text: string): boolean {
  return Object.hasOwn(untold, name) && `${quote(name)}:${canonicalText(untold[name])}` === text;
}

function wrongPayload(collection: Collection, held: Held, { tombstones }: CheckOptions): string | undefined {
  const { document, told } = held;
  if (collection !== "tool_logs")
    return PAYLOAD_NAMES.find((name) => Object.hasOwn(document, name))?.concat(" is told by no fact");
  const hasExpired = told.has(FLAG_OF_EXPIRY);
  if (hasExpired && !tombstones.mayLackPayloads(timeOf(document.timestamp)))
    return "its inputs and outputs are gone, and no tombstone says why";
  return Object.entries(PAYLOADS)
    .find(([name, digest]) => !isPayload(held.payload(name), document[digest] ?? null, hasExpired))?.[0]
    .concat(" is not what its digest was made from");
}

function isPayload(text: string, digest: unknown, hasExpired: boolean): boolean {
  if (text === "null" && (digest === null || hasExpired)) return true;
  return digest !== null && hash("sha256", text) === digest;
}

/**
 * Nothing tells when a tracker kept a document but itself. It was after what the document tells of, and not after the chain
 * told of it last: that may be much later, where a write was kept by half before, or the same was told again.
 */
function wrongTime(
  collection: Collection,
  { document }: Held,
  matched: ReadonlyMap<string, number>,
): string | undefined {
  if (collection === "audit_checkpoints") return undefined;
  const time = timeOf(document.stored_at);
  const fits = time >= timeOf(document.timestamp) - DAY_MS && time <= Math.max(...matched.values()) + DAY_MS;
  return fits ? undefined : "stored_at is far from when the chain says that it was kept";
}

/** Times of exports are text. */
export function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(String(value));
}
