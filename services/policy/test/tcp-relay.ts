import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Stands before a server that others use too, so that a test can take it away from one client. */
export interface TcpRelay {
  port: number;
  /** As if the server had died: connections break, new ones are refused. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** As if the server had been paused: connections stay, nothing is answered. */
  freeze(): void;
}

/** A relay on a free port of this machine to `host` and `port`. */
export async function startTcpRelay(target: { host: string; port: number }): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let server: Server | undefined;
  let port = 0;

  function relay(client: Socket): void {
    const upstream = connect(target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => !isFrozen && to.write(chunk));
      from.on("error", () => {});
      from.on("close", () => to.destroy());
    }
  }

  async function start(): Promise<void> {
    isFrozen = false;
    server = createServer(relay).listen(port, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  }

  await start();
  return {
    port,
    start,
    async stop() {
      const closed = server && once(server, "close");
      server?.close();
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      await closed;
    },
    freeze() {
      isFrozen = true;
    },
  };
}
