import type { EventPublisher, Log } from "@mcp-governance-bridge/shared";
import type { Configuration, Server } from "@mcp-governance-bridge/shared/configuration";
import { KINDS } from "./catalogue/catalogue.ts";
import { View } from "./catalogue/view.ts";
import type { Notifications } from "./relay/notifications.ts";
import type { ServerRequests } from "./relay/server-requests.ts";
import type { Connect } from "./upstream/connection.ts";
import { httpConnect } from "./upstream/http-connection.ts";
import { stdioConnect } from "./upstream/stdio-connection.ts";
import { Upstream } from "./upstream/upstream.ts";

/** One port and what its clients see there. */
export interface Place {
  name: string;
  port: number;
  view: View;
}

export interface UpstreamsOptions {
  configuration: Configuration;
  publisher: EventPublisher;
  env: NodeJS.ProcessEnv;
  log: Log;
}

export function createUpstreams({ configuration, publisher, env, log }: UpstreamsOptions): Upstream[] {
  return configuration.servers.map((server) => {
    const own = log.child({ server: server.name });
    return new Upstream({ server, connect: connectTo(server, env, own), publisher, log: own });
  });
}

/**
 * The base port and those that the deployment mode gives to servers of their own.
 * The base port is open even where it serves no server: the governance API and the probes are found there.
 */
export function placesOf(
  { basePort }: Pick<Configuration, "basePort">,
  upstreams: readonly Upstream[],
  log: Log,
): Place[] {
  const enabled = upstreams.filter(({ server }) => !server.disabled);
  const ports = [...new Set([basePort, ...enabled.map(({ server }) => server.port)])];
  return ports.map((port) => {
    const served = enabled.filter(({ server }) => server.port === port);
    return { name: String(port), port, view: new View(served, log) };
  });
}

export interface Wiring {
  places: readonly Place[];
  serverRequests: ServerRequests;
  notifications: Notifications;
}

/** Starts the upstreams and brings what they say to where it belongs. */
export function startUpstreams(
  upstreams: readonly Upstream[],
  { places, serverRequests, notifications }: Wiring,
): void {
  for (const upstream of upstreams) {
    upstream.start({
      onRequest: (request) => void serverRequests.handle(request),
      onNotification: (from, message, cause) => notifications.fromUpstream(from, message, cause),
      onCatalogue: (from, kinds) => {
        const seeing = places.filter(({ view }) => view.upstreams.includes(from));
        for (const { view } of seeing) view.rebuild(kinds);
        const methods = new Set(kinds.map((kind) => KINDS[kind].changed));
        notifications.listsChanged(new Set(seeing.map(({ name }) => name)), [...methods]);
      },
    });
  }
}

function connectTo({ transport }: Server, env: NodeJS.ProcessEnv, log: Log): Connect {
  return transport.kind === "stdio" ? stdioConnect({ transport, env, log }) : httpConnect({ transport, log });
}
