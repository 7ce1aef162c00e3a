import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Closable, Log } from "@mcp-governance-bridge/shared";

export interface ListenerOptions {
  host: string;
  port: number;
  /** Never rejects. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  log: Log;
}

/** One port that clients call. */
export interface Listener extends Closable {
  readonly port: number;
  /** Why it does not listen; undefined while it does. */
  readonly failure: string | undefined;
  /** Takes no new connection; answers under way go on. */
  stop(): void;
}

const RETRY_MS = 2_000;

/** Opens a port and keeps trying while somebody else holds it. Resolves after the first try, whatever came of it. */
export async function openListener({ host, port, handle, log }: ListenerOptions): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => void handle(request, response));
  const stopped = new AbortController();
  let failure: string | undefined = "not tried yet";

  const tryOnce = async (): Promise<void> => {
    failure = await listen(server, host, port);
    if (failure === undefined) log.info({ host, port }, "listening");
  };
  const keepTrying = async (): Promise<void> => {
    while (failure !== undefined) {
      await delay(RETRY_MS, undefined, { signal: stopped.signal, ref: false });
      await tryOnce();
    }
  };

  await tryOnce();
  if (failure !== undefined) {
    log.error({ host, port, failure }, "cannot listen, trying again");
    keepTrying().catch(() => {});
  }
  const stop = (): void => {
    stopped.abort();
    server.close();
    server.closeIdleConnections();
  };
  return {
    port,
    get failure() {
      return failure;
    },
    stop,
    async close() {
      stop();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      server.off("listening", done);
      resolve(error.message);
    };
    const done = (): void => {
      server.off("error", failed);
      resolve(undefined);
    };
    server.once("error", failed).once("listening", done).listen(port, host);
  });
}
