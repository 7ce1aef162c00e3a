import { randomUUID } from "node:crypto";
import { silentLog } from "@mcp-governance-bridge/shared";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { expectToCountAsTheModel } from "../../test/counter-model.ts";
import { redisKinds } from "../../test/counter-stores.ts";
import { type CounterStore, type Limit, leaseOf } from "../counter-store.ts";
import { connectRedis, type RedisClient } from "./redis-connection.ts";
import { createRedisCounterStore } from "./redis-counter-store.ts";
import { takePermits } from "./take-permits.lua.ts";

/** Of this run alone; what is in use of a group is under names with its own name in braces. */
const group = `redis-${randomUUID()}`;
const clock = `{permits:${group}}:clock`;
const readsClock = "local time = redis.call('TIME')";

for (const { name, url } of redisKinds)
  describe.runIf(url)(`the script in ${name}`, () => {
    const open = (lua: string) => connectRedis(url, { log: silentLog, scripts: { takePermits: { lua } } });

    test("answers as a plain model of it does", async () => {
      expect(takePermits).toContain(readsClock);
      const client = await open(takePermits.replace(readsClock, `local time = { 0, redis.call('GET', '${clock}') }`));
      const set = async (now: number) => void (await client.redis.set(clock, now * 1_000, "EX", 60));
      // Spans of hours, so that no key expires by Redis's own clock while that of the test stands still.
      await expectToCountAsTheModel(
        { store: createRedisCounterStore(client), set },
        { unit: 60_000, numRuns: 150, group },
      );
      await client.close();
    });

    describe("leaves behind", () => {
      let client: RedisClient;
      let store: CounterStore;

      beforeAll(async () => {
        client = await open(takePermits);
        store = createRedisCounterStore(client);
      });
      afterAll(() => client.close());

      const aKey = (kind: string, span: number | "") => {
        const key = randomUUID();
        return { key, name: `${kind}:${span}:${group.length}:{permits:${group}}:${key}` };
      };
      const isGone = (name: string) =>
        vi.waitFor(async () => expect(await client.redis.exists(name)).toBe(0), { timeout: 4_000, interval: 50 });

      test("one entry for each call in a window, whatever it costs, and nothing after that", async () => {
        const { key, name } = aKey("window", 300);
        const limit: Limit = { kind: "window", key, group, windowMs: 300, permits: 200, cost: 100 };
        for (let call = 0; call < 5; call += 1) await store.take([limit], "call");
        expect(await client.redis.llen(name)).toBe(2);
        await isGone(name);
      });

      test("one number for each quota, until a minute after its end, also where it was over before", async () => {
        const { key, name } = aKey("quota", "");
        await store.take([{ kind: "quota", key, group, endsAt: Date.now() - 5_000, permits: 2, cost: 2 }], "call");
        expect(await client.redis.get(name)).toBe("2");
        const left = await client.redis.pttl(name);
        expect(left).toBeGreaterThan(50_000);
        expect(left).toBeLessThan(61_000);
        await client.redis.del(name);
      });

      test("one entry for each call under way, nothing once all are released or their leases have ended", async () => {
        const { key, name } = aKey("concurrent", "");
        const limit = { kind: "concurrent", key, group, permits: 2, leaseMs: 300 } as const;
        for (const holder of ["one", "two", "three", "one"]) await store.take([limit], holder);
        expect(await client.redis.zcard(name)).toBe(2);
        for (const holder of ["one", "two"]) await store.release([leaseOf(limit)], holder);
        expect(await client.redis.exists(name)).toBe(0);
        await store.take([{ ...limit, leaseMs: 2_000 }], "long");
        await store.take([limit], "short");
        expect(await client.redis.pttl(name)).toBeGreaterThan(1_000);
        await store.release([leaseOf(limit)], "long");
        await store.take([limit], "short");
        await isGone(name);
      });
    });
  });
