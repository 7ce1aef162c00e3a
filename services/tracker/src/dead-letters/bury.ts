import { type Batch, type DeadLetter, GovernanceError, type Published } from "@mcp-governance-bridge/shared";

type Facts = Pick<Batch, "events" | "dead">;

/**
 * Keeps a batch. Where the record refuses it, the events that are refused by themselves become dead letters, so that
 * they hold up no other; resolves to those. Rejects when the record cannot be reached, or refuses even the letters.
 */
export async function keepOrBury(facts: Facts, keep: (facts: Facts) => Promise<void>): Promise<DeadLetter[]> {
  try {
    await keep(facts);
    return [];
  } catch (error) {
    const [first] = facts.events;
    if (first === undefined || isAway(error)) throw error;
    if (facts.events.length > 1) return keepHalves(facts, keep);
    const letter = letterOf(first, error);
    await keep({ events: [], dead: [...facts.dead, letter] });
    return [letter];
  }
}

async function keepHalves({ events, dead }: Facts, keep: (facts: Facts) => Promise<void>): Promise<DeadLetter[]> {
  const middle = Math.ceil(events.length / 2);
  const first = await keepOrBury({ events: events.slice(0, middle), dead }, keep);
  const second = await keepOrBury({ events: events.slice(middle), dead: [] }, keep);
  return [...first, ...second];
}

function isAway(error: unknown): boolean {
  return error instanceof GovernanceError && error.code === "store.unavailable";
}

function letterOf({ subject, event }: Published, error: unknown): DeadLetter {
  const reason = error instanceof Error ? error.message : String(error);
  return { subject, payload: JSON.stringify(event), reason: `the record refused it: ${reason}`.slice(0, 1_000) };
}
