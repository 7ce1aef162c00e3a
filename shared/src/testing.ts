import { setTimeout as delay } from "node:timers/promises";
import { createListeners } from "./adapters/listeners.ts";
import { GovernanceError } from "./errors.ts";
import type { Batch, Consumer, EventBus } from "./event-bus.ts";
import type { Published } from "./events.ts";
import { silentLog } from "./log.ts";

/** The bus of unit tests: keeps everything, delivers it, and can be told to refuse. */
export interface MemoryEventBus extends EventBus {
  /** Everything published or told, in order. */
  readonly published: readonly Published[];
  /** False makes `publish` and `ping` reject with `audit.unavailable`. */
  accepting: boolean;
}

type Handler = (batch: Batch) => Promise<void>;

interface Durable {
  handlers: Handler[];
  next: number;
  /** How many were handed over already, and may come again. */
  seen: number;
  running: boolean;
}

const BATCH = 1_000;
const RETRY_MS = 10;

/** Keeps no schema and survives nothing; otherwise a bus like the others. */
export function createMemoryEventBus(): MemoryEventBus {
  const published: Published[] = [];
  const durables = new Map<string, Durable>();
  const listeners = createListeners(silentLog);

  async function run(durable: Durable): Promise<void> {
    if (durable.running) return;
    durable.running = true;
    while (durable.next < published.length && durable.handlers[0]) await deliver(durable, published);
    durable.running = false;
  }

  function keep(event: Published): void {
    published.push(event);
    for (const durable of durables.values()) void run(durable);
    listeners.hear(event);
  }

  function consume(name: string, handle: Handler): Consumer {
    const durable = durables.get(name) ?? { handlers: [], next: 0, seen: 0, running: false };
    durables.set(name, durable);
    durable.handlers.push(handle);
    void run(durable);
    return {
      backlog: async () => ({ waiting: published.length - durable.next, unit: "events" }),
      close: async () => {
        durable.handlers = durable.handlers.filter((other) => other !== handle);
        while (durable.running && durable.handlers.length === 0) await delay(1);
      },
    };
  }

  const bus: MemoryEventBus = {
    published,
    accepting: true,
    async publish(subject, event) {
      if (!bus.accepting) throw new GovernanceError("audit.unavailable", "the memory bus was told to refuse");
      keep({ subject, event } as Published);
    },
    tell: (subject, event) => keep({ subject, event } as Published),
    consume: async (name, handle) => consume(name, handle),
    follow: listeners.add,
    async ping() {
      if (!bus.accepting) throw new GovernanceError("audit.unavailable", "the memory bus was told to refuse");
    },
    async close() {
      for (const durable of durables.values()) durable.handlers = [];
    },
  };
  return bus;
}

/** Hands the next events to whose turn it is among the consumers of the name. */
async function deliver(durable: Durable, published: readonly Published[]): Promise<void> {
  const handle = durable.handlers.shift();
  if (!handle) return;
  durable.handlers.push(handle);
  const events = published.slice(durable.next, durable.next + BATCH);
  const redelivered = Math.min(durable.seen - durable.next, events.length);
  durable.seen = Math.max(durable.seen, durable.next + events.length);
  const handled = await handle({ events, dead: [], redelivered }).then(
    () => true,
    () => false,
  );
  if (handled) durable.next += events.length;
  else await delay(RETRY_MS);
}
