import { setImmediate as nextTurn } from "node:timers/promises";
import type { EventPublisher, Published } from "@mcp-governance-bridge/shared";
import { aCall } from "./workload.ts";

/** Facts that are on their way at once, as of a busy gateway. */
const AT_ONCE = 512;

/** Publishes the facts of calls as fast as the bus keeps them. */
export async function publishCalls(bus: EventPublisher, calls: Iterable<readonly Published[]>): Promise<void> {
  let underWay: Promise<unknown>[] = [];
  for (const facts of calls) {
    for (const { subject, event } of facts) underWay.push(bus.publish(subject, event));
    if (underWay.length < AT_ONCE) continue;
    await Promise.all(underWay);
    underWay = [];
    await nextTurn();
  }
  await Promise.all(underWay);
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
