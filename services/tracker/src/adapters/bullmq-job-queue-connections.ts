import { type Log, parseRedisUrl } from "@mcp-governance-bridge/shared";
import { Cluster, Redis } from "ioredis";

type Client = Redis | Cluster;

/** Two connections to one Redis, both sought for ever. Making them waits for nothing. */
export interface Connections {
  /** Commands reject at once while there is no connection, and soon where no answer comes. */
  impatient: Client;
  /** Commands wait until there is a connection. */
  patient: Client;
  close(): void;
}

interface Patience {
  connectTimeout: number;
  maxRetriesPerRequest: number | null;
  commandTimeout?: number;
}

const ANSWER_MS = 2_000;
const RETRY_MS = 500;

const retryStrategy = (attempt: number): number => Math.min(attempt * 50, RETRY_MS);

/** `redis://…` or `redis+cluster://…`, as `parseRedisUrl` has it. */
export function openConnections(url: string, log: Log): Connections {
  const impatient = open(
    url,
    { commandTimeout: ANSWER_MS, connectTimeout: ANSWER_MS, maxRetriesPerRequest: 0 },
    { offlineQueue: false },
  );
  const patient = open(url, { connectTimeout: ANSWER_MS, maxRetriesPerRequest: null }, { offlineQueue: true });
  const stopLogging = logChanges(impatient, log);
  // An error without any listener would be printed.
  patient.on("error", () => {});
  return {
    impatient,
    patient,
    close() {
      stopLogging();
      impatient.disconnect();
      patient.disconnect();
    },
  };
}

function open(url: string, patience: Patience, { offlineQueue }: { offlineQueue: boolean }): Client {
  const { isCluster, nodes, login } = parseRedisUrl(url);
  if (!isCluster) return new Redis(url, { ...patience, enableOfflineQueue: offlineQueue, retryStrategy });
  return new Cluster([...nodes], {
    redisOptions: { ...patience, ...login },
    enableOfflineQueue: offlineQueue,
    clusterRetryStrategy: retryStrategy,
    // Certificates are for names; the nodes are looked up when they are connected to.
    dnsLookup: (address, found) => found(null, address),
  });
}

/** One line per change: while Redis is away, every attempt to reach it fails in the same way. */
function logChanges(client: Client, log: Log): () => void {
  let isAway = false;
  const back = (): void => {
    if (isAway) log.info("the job queue has Redis back");
    isAway = false;
  };
  const away = (error?: Error): void => {
    if (!isAway) log.warn({ err: error }, "the job queue waits for Redis");
    isAway = true;
  };
  const lost = (): void => away();
  const ignore = (): void => {};
  client.on("ready", back).on("error", away).on("close", lost);
  return () => void client.off("ready", back).off("error", away).off("close", lost).on("error", ignore);
}
