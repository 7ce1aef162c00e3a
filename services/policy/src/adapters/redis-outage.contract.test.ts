import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { parseRedisUrl, silentLog } from "@mcp-governance-bridge/shared";
import { Cluster } from "ioredis";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { redisKinds } from "../../test/counter-stores.ts";
import { startTcpRelay, type TcpRelay } from "../../test/tcp-relay.ts";
import type { CounterStore } from "../counter-store.ts";
import { connectRedis } from "./redis-connection.ts";
import { connectRedisCounterStore, createRedisCounterStore } from "./redis-counter-store.ts";
import { takePermits } from "./take-permits.lua.ts";

const [url, clusterUrl] = redisKinds.map((kind) => kind.url);

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

describe.runIf(clusterUrl)("without its cluster, or a node of it, the redis counter store", () => {
  const aCall = () => [aLimit()];

  test("can be opened before the cluster is there", async () => {
    const [node] = parseRedisUrl(clusterUrl ?? "").nodes;
    if (!node) throw new Error("no node");
    const relay = await startTcpRelay(node);
    await relay.stop();
    const store = await connectRedisCounterStore(`redis+cluster://127.0.0.1:${relay.port}`, silentLog);
    expect(await timeToFailure(() => store.take(aCall(), "call"))).toBeLessThan(100);
    await expect(store.ping()).rejects.toThrow("not connected");
    await relay.start();
    await vi.waitFor(() => store.take(aCall(), "call"), { timeout: 2_000, interval: 20 });
    await store.close();
    await relay.stop();
  });

  test("counts again within two seconds once its connections to the nodes broke, and forgets nothing", async () => {
    const client = await connectRedis(clusterUrl ?? "", {
      log: silentLog,
      scripts: { takePermits: { lua: takePermits } },
    });
    const store = createRedisCounterStore(client);
    const limits = aCall();
    await store.take(limits, "call");
    if (!(client.redis instanceof Cluster)) throw new Error("no cluster");
    for (const node of client.redis.nodes()) node.disconnect();
    expect(await timeToFailure(() => store.take(limits, "call"))).toBeLessThan(100);
    const again = await vi.waitFor(() => store.take(limits, "call"), { timeout: 2_000, interval: 20 });
    expect(again).toMatchObject({ granted: false, used: [1] });
    await store.close();
  });
});
