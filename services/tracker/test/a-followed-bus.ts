import type { EventBus, Published } from "@mcp-governance-bridge/shared";

/** A bus that only tells on what it is told. */
export function aFollowedBus() {
  const hearers = new Set<(published: Published) => void>();
  const bus: Pick<EventBus, "follow"> = {
    follow(hear) {
      hearers.add(hear);
      return { close: async () => void hearers.delete(hear) };
    },
  };
  const tell = (...events: Published[]): void => {
    for (const event of events) for (const hear of hearers) hear(event);
  };
  return {
    bus,
    tell,
    get followers(): number {
      return hearers.size;
    },
  };
}
