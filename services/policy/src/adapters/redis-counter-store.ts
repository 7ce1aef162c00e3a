import type { Log } from "@mcp-governance-bridge/shared";
import { Redis } from "ioredis";
import type { CounterStore, Grant, Limit } from "../counter-store.ts";
import { takePermits } from "./take-permits.lua.ts";

type Mode = "take" | "peek";

/** The command that ioredis makes of the script; its types cannot know it. */
interface PermitCommands {
  takePermits(numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<[number, number, number]>;
}

const ANSWER_MS = 500;
const RETRY_MS = 500;

/**
 * Counts in Redis, for all replicas together. Resolves after the first attempt to connect, also when that failed:
 * the connection is then sought for ever, and until it is there every method rejects at once.
 */
export async function connectRedisCounterStore(url: string, log: Log): Promise<CounterStore> {
  const redis = new Redis(url, {
    commandTimeout: ANSWER_MS,
    connectTimeout: 2_000,
    // Without it a frozen server would make each call wait for its own timeout.
    socketTimeout: ANSWER_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // What was sent may have been counted; sending it again would count it twice.
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(attempt * 50, RETRY_MS),
    scripts: { takePermits: { lua: takePermits } },
  });
  logChanges(redis, log);
  await firstAttempt(redis);

  async function run(mode: Mode, limits: readonly Limit[]): Promise<Grant> {
    const keys = limits.map(({ key, windowMs }) => `permits:${windowMs}:${key}`);
    const settings = limits.flatMap(({ permits, windowMs }) => [permits, windowMs]);
    const commands = redis as unknown as PermitCommands;
    const [number, used, retryAfterMs] = await commands.takePermits(keys.length, ...keys, mode, ...settings);
    const limit = limits[number - 1];
    return limit ? { granted: false, limit, used, retryAfterMs } : { granted: true };
  }

  return {
    take: (limits) => run("take", limits),
    peek: (limits) => run("peek", limits),
    async ping() {
      if (redis.status !== "ready") throw new Error("not connected");
      await redis.ping();
    },
    async close() {
      redis.disconnect();
    },
  };
}

function firstAttempt(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    redis.once("ready", resolve).once("error", resolve).once("close", resolve);
  });
}

/** One line per change: while Redis is away, every attempt to reach it fails in the same way. */
function logChanges(redis: Redis, log: Log): void {
  let isAway = false;
  redis.on("ready", () => {
    log.info(isAway ? "Redis is back" : "connected to Redis");
    isAway = false;
  });
  const away = (error?: Error): void => {
    if (!isAway) log.warn({ err: error }, "waiting for Redis");
    isAway = true;
  };
  redis.on("error", away);
  redis.on("close", () => away());
}
