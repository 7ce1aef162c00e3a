import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import type { Held } from "./simulation.ts";

/** A call under way that has something to tell at its end. */
export interface PendingEnd {
  request: DecisionRequest;
  held: Held;
  at: Date;
  isAnswered: boolean;
}

/** Ends of calls that are still to come. */
export interface PendingEnds {
  add(end: PendingEnd): void;
  /** Those that have come by then, oldest first; they are gone then. */
  until(at: Date): PendingEnd[];
}

export function createPendingEnds(): PendingEnds {
  /** The next one last. */
  const ends: PendingEnd[] = [];

  return {
    add(end) {
      let place = ends.length;
      while (place > 0 && (ends[place - 1]?.at ?? end.at) <= end.at) place -= 1;
      ends.splice(place, 0, end);
    },
    until(at) {
      const next = ends.findLastIndex((end) => end.at > at);
      return ends.splice(next + 1).reverse();
    },
  };
}
