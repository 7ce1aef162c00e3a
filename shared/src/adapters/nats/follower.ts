import type { NatsConnection } from "@nats-io/transport-node";
import type { Published } from "../../events.ts";
import type { Closable } from "../../lifecycle.ts";
import type { Log } from "../../log.ts";
import { createListeners, type Listeners } from "../listeners.ts";
import { isAlive } from "../parse-event.ts";
import { unpack } from "./packer.ts";
import { createRecentIds } from "./recent-ids.ts";
import { SUBJECTS } from "./stream.ts";

/** Remembers this many ids at least, for what is published again because its acknowledgement was late. */
const REMEMBERED = 20_000;

/** One plain subscription for all who follow, kept as long as somebody does; the connection renews it when it comes back. */
export function createNatsFollowers(connection: NatsConnection, log: Log): Pick<Listeners, "add"> & Closable {
  const listeners = createListeners(log);
  const isRecent = createRecentIds(REMEMBERED);
  let unsubscribe: (() => void) | undefined;

  function hear(published: Published): void {
    if (!isRecent(published.event.id)) listeners.hear(published);
  }

  function subscribe(): () => void {
    const subscription = connection.subscribe(SUBJECTS, {
      callback: (_error, message) => {
        for (const fact of unpack(message.subject, message.string())) if (isAlive(fact)) hear(fact);
      },
    });
    return () => subscription.unsubscribe();
  }

  function stop(): void {
    unsubscribe?.();
    unsubscribe = undefined;
  }

  return {
    add(listener) {
      unsubscribe ??= subscribe();
      const added = listeners.add(listener);
      return {
        async close() {
          await added.close();
          if (listeners.size === 0) stop();
        },
      };
    },
    async close() {
      listeners.clear();
      stop();
    },
  };
}
