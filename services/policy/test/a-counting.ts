import { type Log, silentLog } from "@mcp-governance-bridge/shared";
import { createMemoryCounterStore } from "../src/adapters/memory-counter-store.ts";
import type { CounterStore, Limit } from "../src/counter-store.ts";
import { createCounting, type RuleLimit } from "../src/counting.ts";

export const taking = { holder: "call", isTaken: true };
export const looking = { holder: "call", isTaken: false };

export const aWindow = (key: string, permits: number, cost = 1): Limit => ({
  kind: "window",
  key,
  group: "weather",
  permits,
  windowMs: 60_000,
  cost,
});
export const aConcurrency = (key: string, permits = 5) =>
  ({ kind: "concurrent", key, group: "weather", permits, leaseMs: 60_000 }) as const;

export const aRule = (limit: Limit, part: Partial<RuleLimit> = {}): RuleLimit => ({
  rule: `limits.${limit.key}`,
  limit,
  onFailure: "closed",
  isShadow: false,
  refuse: (used, retryAfterMs) => ({
    code: "rate_limit",
    rule: part.rule ?? `limits.${limit.key}`,
    reason: `${used} of ${limit.key}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }),
  ...part,
});

/** Counting over a store that can be away, with what it was asked and what was logged. */
export function aCounting(log: Log = silentLog) {
  const memory = createMemoryCounterStore(() => 0);
  const state = { isAway: false, losesAnswers: false };
  const asked: string[] = [];
  const guarded =
    <Args extends unknown[], Answer>(name: string, act: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      asked.push(name);
      if (state.isAway) throw new Error("away");
      const answer = await act(...args);
      if (state.losesAnswers) throw new Error("lost");
      return answer;
    };
  const store: CounterStore = {
    ...memory,
    take: guarded("take", memory.take),
    peek: guarded("peek", memory.peek),
    release: guarded("release", memory.release),
  };
  return { counting: createCounting({ store, local: createMemoryCounterStore(() => 0), log }), memory, state, asked };
}
