import type { Collection } from "../../record-store.ts";
import type { Suspicion } from "./check-document.ts";
import type { Findings } from "./findings.ts";

export interface Suspect extends Suspicion {
  collection: Collection;
  id: string;
  /** `stored_at` in milliseconds; not a number where there is none. */
  storedAt: number;
}

/** More are counted, and not looked at again. */
const MAX_SUSPECTS = 10_000;
/** Whoever writes a document and its block at once is done with both by then. */
const FRESH_MS = 120_000;

/** Documents that do not fit the chain as far as it was read. */
export interface Suspects {
  add(suspect: Suspect): void;
  /** The chain tells of the document, whatever it says. */
  recognize(collection: string, id: string): void;
  has(collection: string, id: string): boolean;
  /** Empties the list. */
  take(): Suspect[];
  readonly size: number;
  /** Adds what is left to the findings, and answers how many are so fresh that they may only be on their way. */
  report(now: number): number;
}

export function createSuspects(findings: Findings): Suspects {
  const suspects = new Map<string, Suspect>();
  const keyOf = (collection: string, id: string): string => `${collection}\n${id}`;
  return {
    add(suspect) {
      const key = keyOf(suspect.collection, suspect.id);
      if (suspects.size < MAX_SUSPECTS || suspects.has(key)) suspects.set(key, suspect);
      else findings.add(findingOf(suspect));
    },
    recognize(collection, id) {
      const suspect = suspects.get(keyOf(collection, id));
      if (suspect) suspect.isKnown = true;
    },
    has: (collection, id) => suspects.has(keyOf(collection, id)),
    take() {
      const all = [...suspects.values()];
      suspects.clear();
      return all;
    },
    get size() {
      return suspects.size;
    },
    report(now) {
      let pending = 0;
      for (const suspect of suspects.values()) {
        if (!suspect.isKnown && Math.abs(now - suspect.storedAt) < FRESH_MS) pending += 1;
        else findings.add(findingOf(suspect));
      }
      return pending;
    },
  };
}

function findingOf({ collection, id, part, message, isKnown }: Suspect) {
  return {
    kind: isKnown ? ("changed" as const) : ("inserted" as const),
    collection,
    id,
    ...(part !== undefined && { part }),
    message: isKnown
      ? `${id} in ${collection} was changed: ${message}`
      : `${id} in ${collection} was inserted, or written by a tracker that was killed meanwhile: ${message}`,
  };
}
