import type { Log } from "@mcp-governance-bridge/shared";
import { parseRedisUrl } from "@mcp-governance-bridge/shared";
import { Cluster, Redis } from "ioredis";

/** A connection to Redis whose commands reject at once while there is none. */
export interface RedisClient {
  redis: Redis | Cluster;
  /** Rejects with the reason when commands cannot be answered at this moment. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface RedisClientOptions {
  log: Log;
  /** Commands written in Lua, by name. */
  scripts: Record<string, { lua: string }>;
}

const ANSWER_MS = 500;
const RETRY_MS = 500;
const REFRESH_MS = 2_000;

const patience = {
  commandTimeout: ANSWER_MS,
  connectTimeout: 2_000,
  // Without it a frozen server would make each call wait for its own timeout.
  socketTimeout: ANSWER_MS,
  maxRetriesPerRequest: 0,
  // What was sent may have been counted; sending it again would count it twice.
  autoResendUnfulfilledCommands: false,
};

const retryStrategy = (attempt: number): number => Math.min(attempt * 50, RETRY_MS);

/** Resolves after the first attempt to connect, also when that failed; the connection is then sought for ever. */
export async function connectRedis(url: string, options: RedisClientOptions): Promise<RedisClient> {
  const client = parseRedisUrl(url).isCluster ? openCluster(url, options) : openServer(url, options);
  const stopLogging = logChanges(client.redis, options.log);
  await firstAttempt(client.redis);
  return {
    ...client,
    async close() {
      stopLogging();
      client.redis.disconnect();
    },
  };
}

type Opened = Omit<RedisClient, "close">;

function openServer(url: string, { scripts }: RedisClientOptions): Opened {
  const redis = new Redis(url, { ...patience, enableOfflineQueue: false, retryStrategy, scripts });
  return {
    redis,
    async ping() {
      if (redis.status !== "ready") throw new Error("not connected");
      await redis.ping();
    },
  };
}

function openCluster(url: string, { scripts }: RedisClientOptions): Opened {
  const { nodes, login } = parseRedisUrl(url);
  const redis = new Cluster([...nodes], {
    redisOptions: { ...patience, ...login },
    enableOfflineQueue: false,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshInterval: REFRESH_MS,
    // Zero means no second attempt. A command that was sent to a node that moved away was not run, and is sent again in any case.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // Certificates are for names; the nodes are looked up when they are connected to.
    dnsLookup: (address, found) => found(null, address),
    scripts,
  });
  keepConnected(redis);
  return {
    redis,
    async ping() {
      if (redis.status !== "ready") throw new Error("not connected");
      const info = String(await redis.cluster("INFO"));
      if (!info.includes("cluster_state:ok")) throw new Error("the cluster does not serve all slots");
    },
  };
}

/** Connects every node ahead of its first command: a node that is connecting rejects all commands after the first. */
function keepConnected(cluster: Cluster): void {
  const connect = (node: Redis): void => void node.connect().catch(() => {});
  cluster.on("ready", () => {
    for (const node of cluster.nodes()) if (node.status === "wait") connect(node);
  });
  cluster.on("+node", (node: Redis) => {
    if (cluster.status === "ready") connect(node);
  });
}

async function firstAttempt(redis: Redis | Cluster): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => resolve();
    redis.once("ready", done).once("error", done).once("close", done);
  });
  if (redis instanceof Cluster) await Promise.all(redis.nodes().map(settled));
}

function settled(node: Redis): Promise<void> {
  if (node.status === "ready" || node.status === "end") return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => resolve();
    node.once("ready", done).once("end", done);
  });
}

/** One line per change, until it is told to stop: while Redis is away, every attempt to reach it fails in the same way. */
function logChanges(redis: Redis | Cluster, log: Log): () => void {
  let isAway = false;
  const back = (): void => {
    log.info(isAway ? "Redis is back" : "connected to Redis");
    isAway = false;
  };
  const away = (error?: Error): void => {
    if (!isAway) log.warn({ err: error }, "waiting for Redis");
    isAway = true;
  };
  const lost = (): void => away();
  redis.on("ready", back).on("error", away).on("close", lost);
  // An error without any listener would be printed.
  return () => void redis.off("ready", back).off("close", lost);
}
