import { setTimeout as delay } from "node:timers/promises";
import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import type { Log } from "../../log.ts";

export interface NatsOptions {
  /** Shown in the server's list of connections. */
  name: string;
  log: Log;
}

const DIAL_MS = 2_000;
const RETRY_MS = 250;
const PING_MS = 1_000;

/**
 * Resolves once NATS answers, however late that is, and reconnects for ever after that.
 * `url` may name several servers, separated by commas, with credentials in it. A server that is frozen counts as lost after about three seconds.
 */
export async function connectNats(url: string, { name, log }: NatsOptions): Promise<NatsConnection> {
  const addresses = url.split(",").map((server) => addressOf(server.trim()));
  const servers = addresses.map(({ host }) => host);
  const connection = await firstConnection({ ...optionsFor(addresses), servers, name }, (error) => {
    log.warn({ servers, err: error }, "waiting for NATS");
  });
  log.info({ servers }, "connected to NATS");
  void logChanges(connection, log);
  return connection;
}

/** Resolves when the server answers within a second; rejects at once while there is no connection. */
export async function pingNats(connection: NatsConnection): Promise<void> {
  const late = delay(PING_MS, undefined, { ref: false }).then(() => {
    throw new Error(`NATS did not answer in ${PING_MS} ms`);
  });
  await Promise.race([connection.rtt(), late]);
}

function optionsFor([first]: readonly URL[]): NodeConnectionOptions {
  return {
    ...(first?.username && { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) }),
    ...(first?.protocol === "tls:" && { tls: {} }),
    timeout: DIAL_MS,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: RETRY_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    // An asynchronous trace per request costs more than the request.
    noAsyncTraces: true,
  };
}

function addressOf(server: string): URL {
  return new URL(server.includes("://") ? server : `nats://${server}`);
}

async function firstConnection(
  options: NodeConnectionOptions,
  onWait: (error: unknown) => void,
): Promise<NatsConnection> {
  let waiting = false;
  for (;;) {
    try {
      return await connect(options);
    } catch (error) {
      if (!waiting) onWait(error);
      waiting = true;
      await delay(RETRY_MS);
    }
  }
}

async function logChanges(connection: NatsConnection, log: Log): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === "disconnect") log.warn("lost NATS");
    if (type === "reconnect") log.info("NATS is back");
    if (type === "close") return;
  }
}
