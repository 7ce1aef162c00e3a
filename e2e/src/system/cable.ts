import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Closable } from "@mcp-governance-bridge/shared";

/** A way to a server that can be cut. */
export interface Cable extends Closable {
  /** `host:port` of its near end. */
  address: string;
  /** Ends every connection, and each new one at once. */
  cut(): void;
  mend(): void;
}

/** Lays a cable to `host:port`. */
export async function layCable(target: string): Promise<Cable> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const open = new Set<Socket>();
  let isCut = false;

  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");

  const endAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      endAll();
    },
    mend() {
      isCut = false;
    },
    close() {
      endAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
