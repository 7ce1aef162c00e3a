import { setTimeout as delay } from "node:timers/promises";
import { digestOf } from "../../../digest.ts";
import type { Batch, DeadLetter } from "../../../event-bus.ts";
import { isSubject } from "../../parse-event.ts";
import { PACK, packsOf } from "../packer.ts";
import type { Message } from "../publisher.ts";
import { toWire } from "../wire-message.ts";

/** The way to JetStream. */
export interface Outlet {
  send: (message: Message) => Promise<void>;
  /** Bytes of the largest message that the server takes. */
  wireBytes: () => number;
  /** Ends the retries. */
  signal: AbortSignal;
}

export interface ForwardOptions extends Outlet {
  /** Some of it was not taken and is tried again. */
  onRefused?: () => void;
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

/** Resolves when JetStream has kept all of the batch; tries as long as it takes and rejects only on the signal. */
export function createForward(options: ForwardOptions): (batch: Batch) => Promise<void> {
  const { send, wireBytes, signal, onRefused } = options;

  return async (batch) => {
    signal.throwIfAborted();
    let left = messagesOf(batch, wireBytes());
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)) {
      const results = await Promise.allSettled(left.map(send));
      left = left.filter((_, index) => results[index]?.status === "rejected");
      if (left.length === 0) return;
      onRefused?.();
      await delay(retryMs, undefined, { signal, ref: false });
    }
  };
}

function messagesOf({ events, dead }: Batch, wireBytes: number): Message[] {
  const good: Message[] = [];
  const lost = dead.map((letter) => lastWords(letter, wireBytes));
  for (const { subject, event } of events) {
    try {
      good.push(toWire(subject, event, wireBytes));
    } catch {
      // It fitted when it was told; the server takes less since.
      lost.push(lastWords({ subject, payload: JSON.stringify(event) }, wireBytes));
    }
  }
  return [...packsOf(good), ...lost];
}

/** What is no event goes as it is, as far as it fits, so that it is kept as a dead letter. */
function lastWords({ subject, payload }: Omit<DeadLetter, "reason">, wireBytes: number): Message {
  const words = Buffer.from(payload).subarray(0, wireBytes).toString();
  return { subject: isSubject(subject) ? subject : PACK, id: digestOf(payload), payload: words };
}
