import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../../log.ts";
import type { Message } from "./publisher.ts";

export interface Outbox {
  /** Takes the message and keeps sending it until that succeeds. */
  add(message: Message): void;
  /** False while more waits than the outbox is meant to hold. */
  readonly accepting: boolean;
  /** Gives what waits another `flushMs` milliseconds, then says how much is lost. */
  close(flushMs: number): Promise<void>;
}

export interface OutboxOptions {
  send: (message: Message) => Promise<void>;
  log: Log;
  maxCount?: number;
  maxBytes?: number;
}

const WINDOW = 256;
/** A first message waits this long for company: nobody waits for these, and the fewer the sendings the better. */
const GATHER_MS = 5;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

/** Sends in windows, so that messages keep their order as long as none fails and nobody waits for a round trip each. */
export function createOutbox({ send, log, maxCount = 50_000, maxBytes = 64 * 2 ** 20 }: OutboxOptions): Outbox {
  let waiting: Message[] = [];
  let bytes = 0;
  let pumping = Promise.resolve();
  let idle = true;
  let failing = false;
  let abandoned = false;

  async function pump(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (waiting.length > 0 && !abandoned) {
      const failed = await sendWindow(waiting.splice(0, WINDOW));
      if (failed.length === 0) {
        retryMs = FIRST_RETRY_MS;
        continue;
      }
      waiting = failed.concat(waiting);
      await delay(retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
    idle = true;
  }

  async function sendWindow(window: readonly Message[]): Promise<Message[]> {
    const results = await Promise.allSettled(window.map(send));
    const failed = window.filter((_, index) => results[index]?.status === "rejected");
    report(results.find((result) => result.status === "rejected"));
    bytes -= sizeOf(window) - sizeOf(failed);
    return failed;
  }

  function report(failure: PromiseRejectedResult | undefined): void {
    if (failure && !failing) log.warn({ err: failure.reason, waiting: waiting.length }, "facts wait to be kept");
    if (!failure && failing) log.info("facts are kept again");
    failing = failure !== undefined;
  }

  return {
    get accepting() {
      return waiting.length < maxCount && bytes < maxBytes;
    },
    add(message) {
      waiting.push(message);
      bytes += message.payload.length;
      if (!idle) return;
      idle = false;
      pumping = delay(GATHER_MS).then(pump);
    },
    async close(flushMs) {
      await Promise.race([pumping, delay(flushMs, undefined, { ref: false })]);
      abandoned = true;
      if (waiting.length > 0) log.error({ lost: waiting.length }, "closed with facts that could not be kept");
    },
  };
}

function sizeOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { payload }) => sum + payload.length, 0);
}
