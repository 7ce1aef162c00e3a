import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server } from "@mcp-governance-bridge/shared/configuration";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { Registry } from "prom-client";
import { onTestFinished } from "vitest";
import { createMemorySessionStore } from "../src/adapters/memory-session-store.ts";
import { createGateway } from "../src/gateway.ts";
import { aLog } from "./a-log.ts";
import { aConfiguration, aDecisionPoint, aServer } from "./builders.ts";
import { CHILD } from "./start-upstream.ts";

/** A port that nobody held a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server that is a child of the gateway. */
export const aChild = (name: string, port: number, args: string[] = []): Server =>
  aServer({ name, port, transport: { kind: "stdio", command: process.execPath, args: [CHILD, ...args], env: {} } });

/** A gateway with these servers, closed with the test. */
export async function startGateway(servers: Server[]) {
  const configuration = aConfiguration({ deploymentMode: "hybrid", basePort: servers[0]?.port ?? 0, servers });
  const bus = createMemoryEventBus();
  const { log, lines } = aLog();
  const gateway = await createGateway({
    configuration,
    host: "127.0.0.1",
    allowedHosts: [],
    allowedOrigins: [],
    decisionPoint: aDecisionPoint(),
    publisher: bus,
    sessionStore: createMemorySessionStore({ ttlMs: 60_000, max: 10 }),
    api: { handle: (_request, response) => void response.writeHead(203).end("the api") },
    checks: { events: () => bus.ping() },
    env: process.env,
    registry: new Registry(),
    log,
  });
  onTestFinished(() => gateway.close());
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const ready = async (port = configuration.basePort) => {
    const response = await fetch(`${at(port)}/readyz`);
    const { upstreams } = (await response.json()) as { upstreams: Record<string, { state: string }> };
    return { status: response.status, upstreams };
  };
  return { gateway, bus, at, ready, lines, configuration };
}
