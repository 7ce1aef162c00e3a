import { silentLog } from "@mcp-governance-bridge/shared";
import { createMemoryCounterStore } from "../src/adapters/memory-counter-store.ts";
import { connectRedisCounterStore } from "../src/adapters/redis-counter-store.ts";
import type { CounterStore } from "../src/counter-store.ts";

interface Adapter {
  name: string;
  open: () => Promise<CounterStore>;
  isAvailable: boolean;
}

/** The kinds of Redis that counters are kept in; in CI both must be there. */
export const redisKinds = [
  { name: "redis", url: urlIn("REDIS_URL") },
  { name: "redis cluster", url: urlIn("REDIS_CLUSTER_URL") },
];

export const counterStores: readonly Adapter[] = [
  { name: "memory", open: async () => createMemoryCounterStore(), isAvailable: true },
  ...redisKinds.map(({ name, url }) => ({
    name,
    open: () => connectRedisCounterStore(url, silentLog),
    isAvailable: url !== "",
  })),
];

/** Empty where there is none. */
function urlIn(variable: "REDIS_URL" | "REDIS_CLUSTER_URL"): string {
  const url = process.env[variable] ?? "";
  if (process.env.REQUIRE_ALL_ADAPTERS === "1" && url === "") throw new Error(`${variable} is required`);
  return url;
}
