import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Closable } from "@mcp-governance-bridge/shared";

const PORT = 47_611;
const PATIENCE_MS = 170_000;

/**
 * Waits until no other distributed system runs on this machine: two of them on one NATS would decide each other's calls.
 * The turn is a listening socket, so that it ends with the process that has it, however that ends.
 */
export async function takeTurn(): Promise<Closable> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const server = createServer().listen(PORT, "127.0.0.1");
    const got = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (got) return { close: () => new Promise((resolve) => server.close(() => resolve())) };
    if (performance.now() > deadline) throw new Error(`another distributed system has run for ${PATIENCE_MS} ms`);
    await sleep(100);
  }
}
