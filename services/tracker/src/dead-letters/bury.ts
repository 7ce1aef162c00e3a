import { type Batch, type DeadLetter, GovernanceError, type Published } from "@mcp-governance-bridge/shared";

type Facts = Pick<Batch, "events" | "dead">;

/** How facts get into the record. All may reject. */
interface Keeper {
  keep(facts: Facts): Promise<void>;
  /** Each document that the event tells of by itself. */
  keepParts(event: Published): Promise<void>[];
}

/**
 * Keeps a batch. Where the record refuses it, the events that are refused by themselves become dead letters, so that
 * they hold up no other; resolves to those. Rejects when the record cannot be reached, or refuses even the letters.
 */
export async function keepOrBury(facts: Facts, keeper: Keeper): Promise<DeadLetter[]> {
  try {
    await keeper.keep(facts);
    return [];
  } catch (error) {
    const [first] = facts.events;
    if (first === undefined || isAway(error)) throw error;
    if (facts.events.length > 1) return keepHalves(facts, keeper);
    // The chain must tell of what the store took before it refused the rest.
    await settledUnlessAway(keeper.keepParts(first));
    const letter = letterOf(first, error);
    await keeper.keep({ events: [], dead: [...facts.dead, letter] });
    return [letter];
  }
}

async function keepHalves({ events, dead }: Facts, keeper: Keeper): Promise<DeadLetter[]> {
  const middle = Math.ceil(events.length / 2);
  const first = await keepOrBury({ events: events.slice(0, middle), dead }, keeper);
  const second = await keepOrBury({ events: events.slice(middle), dead: [] }, keeper);
  return [...first, ...second];
}

async function settledUnlessAway(parts: readonly Promise<void>[]): Promise<void> {
  for (const part of await Promise.allSettled(parts))
    if (part.status === "rejected" && isAway(part.reason)) throw part.reason;
}

function isAway(error: unknown): boolean {
  return error instanceof GovernanceError && error.code === "store.unavailable";
}

function letterOf({ subject, event }: Published, error: unknown): DeadLetter {
  const reason = error instanceof Error ? error.message : String(error);
  return { subject, payload: JSON.stringify(event), reason: `the record refused it: ${reason}`.slice(0, 1_000) };
}
