import { randomUUID } from "node:crypto";
import type { EventOf } from "../src/events.ts";

export const SUBJECT = "governance.upstream.changed";

/** A small event, complete and with an id of its own. */
export function anEvent(part: Partial<EventOf<typeof SUBJECT>> = {}): EventOf<typeof SUBJECT> {
  return {
    id: randomUUID(),
    at: new Date().toISOString(),
    server: "weather",
    state: "connected",
    reason: null,
    ...part,
  };
}
