import type { SessionLabels } from "../session-labels.ts";
import { createForgetfulMap } from "./forgetful-map.ts";

export interface MemorySessionLabelsOptions {
  /** Milliseconds after its last use at which a session's labels are forgotten. */
  ttlMs: number;
  /** Milliseconds that never run backwards. */
  now?: () => number;
}

interface Held {
  labels: readonly string[];
  endsAt: number;
}

/** For a single policy service, whose sessions end with it. */
export function createMemorySessionLabels(options: MemorySessionLabelsOptions): SessionLabels {
  const { ttlMs, now = () => performance.now() } = options;
  const sessions = createForgetfulMap<Held>(({ endsAt }) => endsAt <= now());

  function labelsOf(held: Held | undefined): readonly string[] {
    if (!held || held.endsAt <= now()) return [];
    held.endsAt = now() + ttlMs;
    return held.labels;
  }

  return {
    async read(sessionId) {
      return labelsOf(sessions.get(sessionId));
    },
    async add(sessionId, labels) {
      if (labels.length === 0) return;
      const held = sessions.at(sessionId, () => ({ labels: [], endsAt: 0 }));
      held.labels = [...new Set([...labelsOf(held), ...labels])].sort();
      held.endsAt = now() + ttlMs;
    },
    async close() {},
  };
}
