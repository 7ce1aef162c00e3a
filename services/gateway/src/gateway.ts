import { randomUUID } from "node:crypto";
import {
  type Closable,
  type EventOf,
  type EventPublisher,
  healthRoutes,
  type Log,
  type ReadinessCheck,
} from "@mcp-governance-bridge/shared";
import { type Configuration, configuredServers } from "@mcp-governance-bridge/shared/configuration";
import type { Registry } from "prom-client";
import { bindHost } from "./bind-host.ts";
import { createSessionFront } from "./front/session-front.ts";
import { Sessions } from "./front/sessions.ts";
import { createGuard, LOOPBACK_HOSTS } from "./http/guard.ts";
import { type Listener, openListener } from "./http/listener.ts";
import { createRoutes } from "./http/routes.ts";
import { createMetrics } from "./metrics.ts";
import type { DecisionPoint, GovernanceApi, SessionStore } from "./ports.ts";
import { GATEWAY_INFO } from "./protocol.ts";
import { createRelaying } from "./relay/relaying.ts";
import type { Upstream } from "./upstream/upstream.ts";
import { createUpstreams, placesOf, startUpstreams } from "./upstreams.ts";

export interface GatewayOptions {
  configuration: Configuration;
  host: string;
  /** Host names besides loopback's by which clients may call, and origins whose pages may. */
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  decisionPoint: DecisionPoint;
  publisher: EventPublisher;
  sessionStore: SessionStore;
  api: GovernanceApi;
  /** What else must be reachable for the gateway to be ready. */
  checks: Readonly<Record<string, ReadinessCheck>>;
  env: NodeJS.ProcessEnv;
  registry: Registry;
  log: Log;
}

export interface Gateway extends Closable {
  readonly listeners: readonly Listener[];
}

const DRAIN_MS = 5_000;
const GIVE_UP_MS = 500;

/**
 * Opens every listener of the configuration and begins to connect the upstreams, waiting for none of them.
 * Closing it takes no new call, waits for those under way, and leaves no child process.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { configuration, publisher, log } = options;
  const sessions = new Sessions({ store: options.sessionStore, publisher, log });
  const upstreams = createUpstreams(options);
  const places = placesOf(configuration, upstreams, log);
  const metrics = createMetrics(options.registry, {
    sessions: () => sessions.size,
    upstreams: () => upstreams.map(({ server, state }) => ({ name: server.name, connected: state === "connected" })),
  });
  const { relay, drained, ...wiring } = createRelaying({
    ...options,
    settings: () => configuration,
    sessions,
    metrics,
  });
  const host = bindHost(configuration, options.host, log);
  let closing = false;

  publisher.tell("governance.config.loaded", configLoaded(configuration));
  startUpstreams(upstreams, { places, ...wiring });

  const listeners: Listener[] = [];
  const health = healthRoutes({
    registry: options.registry,
    checks: { ...options.checks, listeners: async () => checkListeners(listeners, closing) },
    details: () => ({ upstreams: statesOf(upstreams) }),
  });
  const guard = createGuard({ hosts: hostsOf(options), origins: options.allowedOrigins });
  const status = () => statusOf(configuration, upstreams);
  for (const { name, port, view } of places) {
    const mcp = createSessionFront({ listener: name, view, relay, sessions, log });
    const handle = createRoutes({ guard, health, mcp, api: options.api, status, log });
    listeners.push(await openListener({ host, port, handle, log }));
  }

  return {
    listeners,
    async close() {
      closing = true;
      for (const listener of listeners) listener.stop();
      sessions.close();
      const left = await drained(DRAIN_MS);
      if (left > 0) log.warn({ left }, "calls still under way are given up");
      await Promise.all(upstreams.map((upstream) => upstream.close()));
      // Whose upstream is closed is told so before the connection is.
      await drained(GIVE_UP_MS);
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

function checkListeners(listeners: readonly Listener[], closing: boolean): void {
  if (closing) throw new Error("shutting down");
  const failed = listeners.flatMap(({ port, failure }) => (failure ? [`port ${port}: ${failure}`] : []));
  if (failed.length > 0) throw new Error(failed.join("; "));
}

/** Loopback's names, the address that was asked for, and what the operator adds. */
function hostsOf({ host, allowedHosts }: GatewayOptions): string[] {
  return [...LOOPBACK_HOSTS, host.includes(":") ? `[${host}]` : host, ...allowedHosts];
}

function statesOf(upstreams: readonly Upstream[]): Record<string, object> {
  return Object.fromEntries(
    upstreams.map(({ server, state, reason, catalogue }) => [
      server.name,
      { state, ...(reason && { reason }), tools: catalogue.tools.length, port: server.port },
    ]),
  );
}

/** The seed's answer to `GET /`, and the upstreams. */
function statusOf({ deploymentMode }: Configuration, upstreams: readonly Upstream[]): object {
  return {
    service: "MCP Governance Bridge",
    version: GATEWAY_INFO.version,
    mode: deploymentMode,
    transformation_strategy: "middleware_based",
    timestamp: new Date().toISOString(),
    status: "running",
    upstreams: statesOf(upstreams),
  };
}

function configLoaded(configuration: Configuration): EventOf<"governance.config.loaded"> {
  const { revision, deploymentMode, basePort } = configuration;
  const servers = configuredServers(configuration);
  return { id: randomUUID(), at: new Date().toISOString(), revision, deploymentMode, basePort, servers };
}
