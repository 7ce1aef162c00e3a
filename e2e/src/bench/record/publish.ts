import { setImmediate as nextTurn } from "node:timers/promises";
import type { EventPublisher } from "@mcp-governance-bridge/shared";
import { aCall } from "./workload.ts";

/** Calls whose facts are on their way at once, as of a busy gateway. */
const AT_ONCE = 256;

/** Publishes the facts of so many calls as fast as the bus keeps them. */
export async function publishCalls(bus: EventPublisher, count: number): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) {
    const calls = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, index) => aCall(done + index));
    await Promise.all(calls.flatMap((facts) => facts.map(({ subject, event }) => bus.publish(subject, event))));
    await nextTurn();
  }
}

/** Publishes calls at a steady rate until it is stopped; resolves then with their number. */
export function publishSteadily(bus: EventPublisher, callsPerSecond: number): { stop(): Promise<number> } {
  const began = performance.now();
  const pending = new Set<Promise<unknown>>();
  let count = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1_000) * callsPerSecond;
    for (; count < due; count += 1) {
      for (const { subject, event } of aCall(count)) {
        const kept = bus.publish(subject, event).finally(() => pending.delete(kept));
        pending.add(kept);
      }
    }
  }, 20);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
      return count;
    },
  };
}
