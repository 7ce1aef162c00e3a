import { randomUUID } from "node:crypto";
import {
  type Closable,
  type EventOf,
  type EventPublisher,
  GovernanceError,
  healthRoutes,
  type Log,
  type ReadinessCheck,
} from "@mcp-governance-bridge/shared";
import { type Configuration, configuredServers } from "@mcp-governance-bridge/shared/configuration";
import type { Registry } from "prom-client";
import { bindHost } from "./bind-host.ts";
import { Deployment } from "./deployment.ts";
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
import { createHearing, createUpstream } from "./upstreams.ts";

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
  /**
   * Takes up another configuration without dropping a call. Servers that are reached as before keep their connections
   * and processes. Rejects with everything as it was when the configuration cannot be taken up.
   */
  reload(configuration: Configuration): Promise<void>;
}

const DRAIN_MS = 5_000;
const GIVE_UP_MS = 500;

/**
 * Opens every listener of the configuration and begins to connect the upstreams, waiting for none of them.
 * Closing it takes no new call, waits for those under way, and leaves no child process.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { publisher, log } = options;
  const host = bindHost(options.configuration, options.host, log);
  let configuration = options.configuration;
  let closing = false;
  let reloading: Promise<unknown> = Promise.resolve();
  const { deployment, sessions, drained } = createParts(options, {
    host,
    settings: () => configuration,
    isClosing: () => closing,
  });

  publisher.tell("governance.config.loaded", configLoaded(configuration));
  await deployment.start(configuration);

  async function change(next: Configuration): Promise<void> {
    if (closing) throw new GovernanceError("internal", "shutting down");
    await deployment.change(next, () => {
      if (next.authDisabled !== configuration.authDisabled) {
        log.warn("governance.auth_disabled has changed; the address to bind follows at the next start");
      }
      configuration = next;
      publisher.tell("governance.config.loaded", configLoaded(next));
      log.info({ revision: next.revision }, "configuration taken up");
    });
  }

  return {
    get listeners() {
      return deployment.places.map(({ listener }) => listener);
    },
    reload(next) {
      // One after the other, so that the last one asked for is the one that stays.
      const reloaded = reloading.then(() => change(next));
      reloading = reloaded.catch(() => undefined);
      return reloaded;
    },
    async close() {
      closing = true;
      deployment.stop();
      await reloading;
      // What a change on its way has opened, too.
      deployment.stop();
      sessions.close();
      const left = await drained(DRAIN_MS);
      if (left > 0) log.warn({ left }, "calls still under way are given up");
      await deployment.closeUpstreams();
      // Whose upstream is closed is told so before the connection is.
      await drained(GIVE_UP_MS);
      await deployment.closeListeners();
    },
  };
}

interface Circumstances {
  host: string;
  settings: () => Configuration;
  isClosing: () => boolean;
}

/** What a gateway is made of, put together. Nothing is open yet. */
function createParts(options: GatewayOptions, { host, settings, isClosing }: Circumstances) {
  const { publisher, registry, log } = options;
  const sessions = new Sessions({ store: options.sessionStore, publisher, log });
  const metrics = createMetrics(registry, {
    sessions: () => sessions.size,
    upstreams: () =>
      deployment.upstreams.map(({ server, state }) => ({ name: server.name, connected: state === "connected" })),
  });
  const { relay, serverRequests, notifications, drained } = createRelaying({ ...options, settings, sessions, metrics });
  const health = healthRoutes({
    registry,
    checks: { ...options.checks, listeners: async () => checkListeners(deployment.places, isClosing()) },
    details: () => ({ upstreams: statesOf(deployment.upstreams) }),
  });
  const guard = createGuard({ hosts: hostsOf(options), origins: options.allowedOrigins });
  const status = () => statusOf(settings(), deployment.upstreams);
  const deployment: Deployment = new Deployment({
    createUpstream: (server, previous) => createUpstream(server, previous, options),
    open(port, view) {
      const mcp = createSessionFront({ listener: String(port), view, relay, sessions, log });
      return openListener({
        host,
        port,
        handle: createRoutes({ guard, health, mcp, api: options.api, status, log }),
        log,
      });
    },
    hearing: createHearing({ places: () => deployment.places, serverRequests, notifications }),
    notifications,
    drained,
    log,
  });
  return { deployment, sessions, drained };
}

function checkListeners(places: Deployment["places"], closing: boolean): void {
  if (closing) throw new Error("shutting down");
  const failed = places.flatMap(({ port, listener: { failure } }) => (failure ? [`port ${port}: ${failure}`] : []));
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
