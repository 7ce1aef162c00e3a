import {
  checkEvent,
  type EventOf,
  type EventPublisher,
  type Log,
  parseJson,
  type Subject,
} from "@mcp-governance-bridge/shared";
import type { Document, RecordStore } from "../record-store.ts";
import { writeOfRedriven } from "../records/dead-letter.ts";
import { type Chosen, deadOf, type Page } from "./chosen.ts";

interface DeadLettersOptions {
  store: Pick<RecordStore, "aggregate" | "apply">;
  publisher: Pick<EventPublisher, "publish">;
  /** How long the bus takes an event with an id that it knows for a repeat and forgets it. */
  repeatMs?: number;
  log: Log;
  now?: () => Date;
}

export interface Redriven {
  /** How many letters were published again. */
  redriven: number;
  /** How many were not. */
  dead: number;
  /** Why; of the first thousand. */
  still_dead: { id: string; reason: string }[];
}

export interface DeadLetters {
  /**
   * Publishes letters again, under their own ids, that are events by the schemas of today; they are marked once the bus
   * has them. Rejects when the bus or the store is away; what was done until then stays.
   */
  redrive(chosen: Chosen): Promise<Redriven>;
}

const MAX_REASONS = 1_000;
const MINUTE_MS = 60_000;

export function createDeadLetters(options: DeadLettersOptions): DeadLetters {
  const { store, publisher, repeatMs = 0, log, now = () => new Date() } = options;

  /** Resolves to the reason where the letter stays dead. */
  const redriveOne = async (letter: Document): Promise<string | undefined> => {
    const cameAt = letter.timestamp as Date;
    if (letter.payload_truncated) return "only the beginning of it is kept";
    if (now().getTime() - cameAt.getTime() < repeatMs) {
      return `it came less than ${repeatMs / MINUTE_MS} minutes ago: the bus would take it for a repeat`;
    }
    const payload = String(letter.payload);
    const read = checkEvent(String(letter.subject), parseJson(payload), () => payload);
    if ("reason" in read) return read.reason;
    await publisher.publish(read.subject, read.event as EventOf<Subject>);
    await store.apply([writeOfRedriven({ id: String(letter._id), cameAt }, now())]);
    return undefined;
  };

  const redrivePage = async ({ letters, missing }: Page, result: Redriven): Promise<void> => {
    for (const id of missing) add(result, id, "no letter with this id is dead");
    const outcomes = await Promise.allSettled(letters.map(redriveOne));
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === "rejected") throw outcome.reason;
      add(result, String(letters[index]?._id), outcome.value);
    }
  };

  return {
    async redrive(chosen) {
      const result: Redriven = { redriven: 0, dead: 0, still_dead: [] };
      for await (const page of deadOf(store, chosen)) await redrivePage(page, result);
      log.info({ redriven: result.redriven, dead: result.dead }, "dead letters were published again");
      return result;
    },
  };
}

function add(result: Redriven, id: string, reason: string | undefined): void {
  if (reason === undefined) {
    result.redriven += 1;
    return;
  }
  result.dead += 1;
  if (result.still_dead.length < MAX_REASONS) result.still_dead.push({ id, reason });
}
