import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startTcpRelay, type TcpRelay } from "../../test/tcp-relay.ts";
import type { CounterStore } from "../counter-store.ts";
import { connectRedisCounterStore } from "./redis-counter-store.ts";

const url = process.env.REDIS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !url) throw new Error("REDIS_URL is required");

const aLimit = () => {
  const key = `outage-${randomUUID()}`;
  return { kind: "window", key, group: "outage", permits: 1, windowMs: 5_000, cost: 1 } as const;
};

/** Milliseconds until `act` rejects. */
async function timeToFailure(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await expect(act()).rejects.toThrow();
  return performance.now() - startedAt;
}

describe.runIf(url)("without Redis, the redis counter store", () => {
  let relay: TcpRelay;
  let store: CounterStore | undefined;

  beforeEach(async () => {
    const { hostname, port } = new URL(url!);
    relay = await startTcpRelay({ host: hostname, port: Number(port || 6379) });
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
    await relay.stop();
  });

  const connect = async () => {
    const address = new URL(url!);
    address.hostname = "127.0.0.1";
    address.port = String(relay.port);
    store = await connectRedisCounterStore(address.href, silentLog);
    return store;
  };
  const isBack = (counters: CounterStore) =>
    vi.waitFor(() => counters.take([aLimit()], "call"), { timeout: 2_000, interval: 20 });

  test("rejects at once, and counts again within two seconds of its return", async () => {
    const counters = await connect();
    const limit = aLimit();
    await counters.take([limit], "call");
    await relay.stop();
    await delay(20);
    for (let call = 0; call < 5; call += 1)
      expect(await timeToFailure(() => counters.take([limit], "call"))).toBeLessThan(100);
    expect(await timeToFailure(() => counters.ping())).toBeLessThan(100);

    await delay(1_500);
    await relay.start();
    await isBack(counters);
    expect(await counters.take([limit], "call")).toMatchObject({ granted: false, used: [1] });
  });

  test("can be opened before Redis is there", async () => {
    await relay.stop();
    const counters = await connect();
    expect(await timeToFailure(() => counters.take([aLimit()], "call"))).toBeLessThan(100);
    await relay.start();
    await isBack(counters);
  });

  test("waits half a second for one that is frozen, then rejects at once until it thaws", async () => {
    const counters = await connect();
    relay.freeze();
    expect(await timeToFailure(() => counters.take([aLimit()], "call"))).toBeLessThan(1_000);
    await delay(200);
    for (let call = 0; call < 5; call += 1)
      expect(await timeToFailure(() => counters.take([aLimit()], "call"))).toBeLessThan(100);

    await relay.stop();
    await relay.start();
    await isBack(counters);
  });
});
