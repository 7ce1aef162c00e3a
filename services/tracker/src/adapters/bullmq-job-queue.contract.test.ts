import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { silentLog } from "@mcp-governance-bridge/shared";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { JobQueue } from "../jobs/job-queue.ts";
import { createBullJobQueue } from "./bullmq-job-queue.ts";

const url = process.env.REDIS_URL ?? "";
const once1 = { attempts: 1, backoffMs: 1 };
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 });

/** Stands before Redis, so that a test can take it away from one queue. */
class Relay {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  isFrozen = false;

  get url(): string {
    const address = new URL(url);
    address.host = `127.0.0.1:${this.#port}`;
    return address.href;
  }

  async start(): Promise<void> {
    this.isFrozen = false;
    this.#server = createServer((client) => this.#relay(client)).listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = this.#server && once(this.#server, "close");
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
    this.#server = undefined;
  }

  #relay(client: Socket): void {
    const { hostname, port } = new URL(url);
    const redis = connect({ host: hostname, port: Number(port || 6_379) });
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (chunk) => void (this.isFrozen || to.write(chunk)));
      from.on("error", () => {}).on("close", () => to.destroy());
    }
  }
}

describe.runIf(url)("jobs while Redis is away", () => {
  let relay: Relay;
  let prefix: string;
  const queues: JobQueue[] = [];

  const open = (at: string): JobQueue => {
    const queue = createBullJobQueue({ url: at, prefix, log: silentLog, lockMs: 1_000 });
    queues.push(queue);
    return queue;
  };
  beforeEach(async () => {
    prefix = `outage-${randomUUID()}`;
    relay = new Relay();
    await relay.start();
  });
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
    await relay.stop();
    const redis = new Redis(url);
    const keys = await redis.keys(`{${prefix}}*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
  });

  test("adding is refused soon, and what comes back by itself is all of it", async () => {
    const queue = open(relay.url);
    const done: string[] = [];
    let ticks = 0;
    queue.define("export", { ...once1, handle: async ({ id }) => void done.push(id) });
    queue.every("sweep", 100, async () => {
      ticks += 1;
    });
    await eventually(() => queue.add("export", { id: "before" }));
    await eventually(() => expect([done, ticks > 1]).toEqual([["before"], true]));

    await relay.stop();
    await eventually(() => expect(queue.ping()).rejects.toMatchObject({ code: "jobs.unavailable" }));
    const startedAt = Date.now();
    await expect(queue.add("export", { id: "lost" })).rejects.toMatchObject({ code: "jobs.unavailable" });
    await expect(queue.status()).rejects.toMatchObject({ code: "jobs.unavailable" });
    expect(Date.now() - startedAt).toBeLessThan(1_000);

    await relay.start();
    await eventually(() => queue.add("export", { id: "after" }));
    const before = ticks;
    await eventually(() => expect([done, ticks > before + 1]).toEqual([["before", "after"], true]));
  });

  test("a queue can be made before Redis is there", async () => {
    await relay.stop();
    const queue = open(relay.url);
    const done: string[] = [];
    queue.define("export", { ...once1, handle: async ({ id }) => void done.push(id) });
    queue.every("sweep", 100, async () => void done.push("tick"));
    await expect(queue.add("export", { id: "a" })).rejects.toMatchObject({ code: "jobs.unavailable" });
    await relay.start();
    await eventually(() => queue.add("export", { id: "a" }));
    await eventually(() => expect(new Set(done)).toEqual(new Set(["a", "tick"])));
  });

  test("one that does not answer holds nobody for more than some seconds", async () => {
    const queue = open(relay.url);
    queue.define("export", { ...once1, handle: async () => {} });
    await eventually(() => queue.ping());
    relay.isFrozen = true;
    const startedAt = Date.now();
    await expect(queue.add("export", { id: "a" })).rejects.toMatchObject({ code: "jobs.unavailable" });
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    await queue.close();
    expect(Date.now() - startedAt).toBeLessThan(12_000);
  });

  test("a replica that lost Redis in the middle of a job leaves it to another, and it is done twice at worst", async () => {
    const attempts: string[] = [];
    let goOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const lost = open(relay.url);
    lost.define("export", { ...once1, handle: () => gate.finally(() => attempts.push("lost")) });
    await eventually(() => lost.add("export", { id: "a" }));
    await eventually(async () => expect(await lost.status()).toMatchObject({ active: 1 }));
    await relay.stop();
    const other = open(url);
    other.define("export", { ...once1, handle: async () => void attempts.push("other") });
    await eventually(() => expect(attempts).toEqual(["other"]));
    goOn();
    await relay.start();
    await eventually(async () => expect(await other.status()).toMatchObject({ active: 0, waiting: 0, failed: 0 }));
  });

  test("schedules that Redis has forgotten are made again", { timeout: 45_000 }, async () => {
    const queue = open(url);
    let ticks = 0;
    queue.every("sweep", 100, async () => {
      ticks += 1;
    });
    await eventually(() => expect(ticks).toBeGreaterThan(1));
    const redis = new Redis(url);
    await redis.del(await redis.keys(`{${prefix}}*`));
    redis.disconnect();
    const before = ticks;
    await vi.waitFor(() => expect(ticks).toBeGreaterThan(before + 3), { timeout: 35_000, interval: 100 });
  });
});
