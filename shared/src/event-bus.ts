import type { EventOf, Published, Subject } from "./events.ts";
import type { Closable } from "./lifecycle.ts";

/** Where facts are told. Safe to call from the path of a call. */
export interface EventPublisher {
  /**
   * Resolves once the event survives the death of any one process.
   * Rejects with `audit.unavailable` when that could not be had in time; the event may still have been kept.
   */
  publish<S extends Subject>(subject: S, event: EventOf<S>): Promise<void>;
  /**
   * Takes the event now and keeps trying until it is kept, as long as the process lives.
   * A bus inside this process has kept it at the end of the turn of the event loop, unless it is in trouble.
   * What waits is bounded: see `accepting`.
   */
  tell<S extends Subject>(subject: S, event: EventOf<S>): void;
  /** False while so much waits to be kept that calls must be refused. */
  readonly accepting: boolean;
}

/** A message that can never be processed, handed to the consumer beside the good ones so that it is kept too. */
export interface DeadLetter {
  subject: string;
  payload: string;
  reason: string;
}

export interface Batch {
  events: readonly Published[];
  dead: readonly DeadLetter[];
  /** How many of them were delivered before, as far as the bus knows. */
  redelivered: number;
}

/** What a durable consumer has not handled yet. */
export interface Backlog {
  /** In events, or in messages that may hold several. Includes what is in hand. */
  waiting: number;
  unit: "events" | "messages";
}

/** One of those that share a durable name. `close` waits for the batch in hand. */
export interface Consumer extends Closable {
  /** Of all that share the name. Rejects with the reason when it cannot be told at this moment. */
  backlog(): Promise<Backlog>;
}

/** Delivers facts at least once, in batches; a handler that rejects gets the same facts again. */
export interface EventBus extends EventPublisher, Closable {
  /** All consumers of one `durable` name share the facts; they start with the first one still kept. */
  consume(durable: string, handle: (batch: Batch) => Promise<void>): Promise<Consumer>;
  /** Hears every event from now on, whoever publishes it: at most once, and never waited for. */
  follow(hear: (published: Published) => void): Closable;
  /** Rejects with the reason when facts cannot be kept at this moment. */
  ping(): Promise<void>;
}
