import type { Published } from "@mcp-governance-bridge/shared";
import type { Write } from "../record-store.ts";

const MINUTE_MS = 60_000;

/** Says of each UTC minute that has one of these times that its figures are to be made again. */
export function minuteMarks(times: Iterable<number>, now: Date): Write[] {
  const minutes = new Set<number>();
  for (const time of times) minutes.add(time - (time % MINUTE_MS));
  return [...minutes].map((minute) => {
    const timestamp = new Date(minute);
    return {
      collection: "usage_marks",
      id: timestamp.toISOString(),
      set: { timestamp, marked_at: now },
      since: { field: "marked_at", at: now },
    };
  });
}

/** The `timestamp` of each call and decision that the events tell of. */
export function* timesOf(events: readonly Published[]): Iterable<number> {
  for (const { subject, event } of events) {
    if (subject === "governance.call.decided") yield Date.parse(event.at);
    if (subject === "governance.call.decided" || subject === "governance.call.completed") {
      yield Date.parse(event.startedAt);
    }
  }
}
