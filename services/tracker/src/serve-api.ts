import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Closable, type HealthOptions, healthRoutes } from "@mcp-governance-bridge/shared";
import type { GovernanceApi } from "./api/governance-api.ts";

interface ServeOptions {
  api: GovernanceApi;
  health: HealthOptions;
  host: string;
  port: number;
}

/** Serves the governance API and health on one port. Resolves once it listens. */
export async function serveApi({ api, health, host, port }: ServeOptions): Promise<Closable & { port: number }> {
  const healthRoute = healthRoutes(health);
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const answerHealth = healthRoute(path);
    if (answerHealth) void answerHealth(response);
    else api.handle(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
