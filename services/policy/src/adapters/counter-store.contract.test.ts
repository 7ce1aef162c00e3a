import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@mcp-governance-bridge/shared";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CounterStore, Limit } from "../counter-store.ts";
import { createMemoryCounterStore } from "./memory-counter-store.ts";
import { connectRedisCounterStore } from "./redis-counter-store.ts";

const redisUrl = process.env.REDIS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !redisUrl) throw new Error("REDIS_URL is required");

const adapters: { name: string; open: () => Promise<CounterStore>; available: boolean }[] = [
  { name: "memory", open: async () => createMemoryCounterStore(), available: true },
  { name: "redis", open: () => connectRedisCounterStore(redisUrl ?? "", silentLog), available: Boolean(redisUrl) },
];

const aLimit = (overrides: Partial<Limit> = {}): Limit => ({
  key: `contract-${randomUUID()}`,
  permits: 3,
  windowMs: 5_000,
  ...overrides,
});

/** What the store promises while no time passes. */
function modelOf(limits: readonly Limit[]) {
  const used = new Map(limits.map(({ key }) => [key, 0]));
  const peek = (asked: readonly Limit[]) => asked.every(({ key, permits }) => used.get(key)! < permits);
  const take = (asked: readonly Limit[]) => {
    const granted = peek(asked);
    if (granted) for (const { key } of asked) used.set(key, used.get(key)! + 1);
    return granted;
  };
  return { peek, take };
}

describe.each(adapters.filter(({ available }) => available))("$name counter store", ({ name, open }) => {
  let store: CounterStore;
  /** A second client of the same counters, where there can be one. */
  let replica: CounterStore;

  beforeAll(async () => {
    store = await open();
    replica = name === "memory" ? store : await open();
  });
  afterAll(async () => {
    await replica.close();
    await store.close();
  });

  test("grants as many permits as the limit has, and says of the next when to come back", async () => {
    const limit = aLimit();
    for (let call = 0; call < 3; call += 1) expect(await store.take([limit])).toEqual({ granted: true });
    const refused = await store.take([limit]);
    expect(refused).toEqual({ granted: false, limit, used: 3, retryAfterMs: expect.any(Number) });
    const { retryAfterMs } = refused as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(3_000);
    expect(retryAfterMs).toBeLessThanOrEqual(5_000);
  });

  test("counts each key, and each window of a key, by itself", async () => {
    const limit = aLimit({ permits: 1 });
    const others = [aLimit({ permits: 1 }), { ...limit, windowMs: 6_000 }];
    await store.take([limit]);
    for (const other of others) expect(await store.take([other])).toEqual({ granted: true });
    expect(await store.take([limit])).toMatchObject({ granted: false });
  });

  test("looks without taking", async () => {
    const limit = aLimit({ permits: 1 });
    for (let call = 0; call < 3; call += 1) expect(await store.peek([limit])).toEqual({ granted: true });
    await store.take([limit]);
    expect(await store.peek([limit])).toMatchObject({ granted: false, used: 1 });
  });

  test("takes of all limits or of none, and names the one that makes wait longest", async () => {
    const [wide, short, long] = [aLimit(), aLimit({ permits: 1 }), aLimit({ permits: 1, windowMs: 60_000 })];
    await store.take([short, long]);
    expect(await store.take([wide, short, long])).toMatchObject({ granted: false, limit: long });
    expect(await store.take([wide, long, short])).toMatchObject({ granted: false, limit: long });
    for (let call = 0; call < 3; call += 1) expect(await store.take([wide])).toEqual({ granted: true });
  });

  test("slides: a permit comes back when its own call is a window old, and a refused call delays nothing", async () => {
    const limit = aLimit({ permits: 2, windowMs: 400 });
    await store.take([limit]);
    await delay(200);
    await store.take([limit]);
    const refused = await store.take([limit]);
    expect(refused).toMatchObject({ granted: false, used: 2 });
    await delay((refused as { retryAfterMs: number }).retryAfterMs + 1);
    expect(await store.take([limit])).toEqual({ granted: true });
    expect(await store.take([limit])).toMatchObject({ granted: false, used: 2 });
  });

  test("tells a lowered limit when it has a permit again, not when the first one leaves", async () => {
    const limit = aLimit({ permits: 3, windowMs: 2_000 });
    await store.take([limit]);
    await delay(300);
    await store.take([limit]);
    const lowered = { ...limit, permits: 1 };
    const refused = await store.take([lowered]);
    expect(refused).toMatchObject({ granted: false, limit: lowered, used: 2 });
    expect((refused as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(1_750);
  });

  test("grants exactly the limit to calls that come at once through several clients", async () => {
    const limit = aLimit({ permits: 10, windowMs: 60_000 });
    const grants = await Promise.all(
      Array.from({ length: 100 }, (_, call) => (call % 2 === 0 ? store : replica).take([limit])),
    );
    expect(grants.filter(({ granted }) => granted)).toHaveLength(10);
  });

  test("answers as a plain model of it does", async () => {
    const step = fc.record({
      ask: fc.constantFrom("take", "peek"),
      limits: fc.uniqueArray(fc.constantFrom(0, 1, 2), { minLength: 1, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const limits = [1, 2, 4].map((permits) => aLimit({ permits, windowMs: 60_000 }));
        const model = modelOf(limits);
        for (const { ask, limits: chosen } of steps) {
          const asked = chosen.map((index) => limits[index]!);
          const granted = model[ask](asked);
          expect(await store[ask](asked)).toMatchObject({ granted });
        }
      }),
      { numRuns: 50 },
    );
  });

  test("can be reached", async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });
});

describe.runIf(redisUrl)("redis counter store", () => {
  test("keeps no more than the permits in use, and nothing after the window", async () => {
    const store = await connectRedisCounterStore(redisUrl!, silentLog);
    const redis = new Redis(redisUrl!);
    const limit = aLimit({ permits: 2, windowMs: 300 });
    const name = `permits:300:${limit.key}`;
    for (let call = 0; call < 5; call += 1) await store.take([limit]);
    expect(await redis.llen(name)).toBe(2);
    await delay(400);
    expect(await redis.exists(name)).toBe(0);
    await redis.quit();
    await store.close();
  });
});
