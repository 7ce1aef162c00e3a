import type { EventPublisher, Log } from "@mcp-governance-bridge/shared";
import { canonicalJson } from "@mcp-governance-bridge/shared";
import type { Configuration, Server } from "@mcp-governance-bridge/shared/configuration";
import { KINDS } from "./catalogue/catalogue.ts";
import type { View } from "./catalogue/view.ts";
import type { Notifications } from "./relay/notifications.ts";
import type { ServerRequests } from "./relay/server-requests.ts";
import type { Connect } from "./upstream/connection.ts";
import { httpConnect } from "./upstream/http-connection.ts";
import { stdioConnect } from "./upstream/stdio-connection.ts";
import { Upstream, type UpstreamListener } from "./upstream/upstream.ts";

/** One port and what its clients see there. */
export interface Place {
  name: string;
  view: View;
}

export interface UpstreamsOptions {
  publisher: EventPublisher;
  env: NodeJS.ProcessEnv;
  log: Log;
}

/** An upstream for a server, in the place of one that there was under its name. It is not started. */
export function createUpstream(
  server: Server,
  previous: Upstream | undefined,
  { publisher, env, log }: UpstreamsOptions,
): Upstream {
  const own = log.child({ server: server.name });
  const connect = connectTo(server, env, own);
  return new Upstream({ server, connect, publisher, log: own, ...(previous && { previous }) });
}

/** Whether a server is reached as it was, so that its connection can stay. */
export function isReachedAlike(one: Server, other: Server): boolean {
  return one.disabled === other.disabled && canonicalJson(one.transport) === canonicalJson(other.transport);
}

/**
 * The base port and those that the deployment mode gives to servers of their own, with the upstreams each serves.
 * The base port is open even where it serves no server: the governance API and the probes are found there.
 */
export function portsOf({ basePort }: Pick<Configuration, "basePort">, upstreams: ReadonlyMap<Server, Upstream>) {
  const enabled = [...upstreams].filter(([server]) => !server.disabled);
  const ports = [...new Set([basePort, ...enabled.map(([server]) => server.port)])];
  const servedBy = (port: number) => enabled.flatMap(([server, upstream]) => (server.port === port ? [upstream] : []));
  return new Map(ports.map((port) => [port, servedBy(port)]));
}

export interface Wiring {
  /** The places there are at this moment. */
  places: () => readonly Place[];
  serverRequests: ServerRequests;
  notifications: Notifications;
}

/** Brings what upstreams say to where it belongs. */
export function createHearing({ places, serverRequests, notifications }: Wiring): UpstreamListener {
  return {
    onRequest: (request) => void serverRequests.handle(request),
    onNotification: (from, message, cause) => notifications.fromUpstream(from, message, cause),
    onCatalogue: (from, kinds) => {
      const seeing = places().filter(({ view }) => view.upstreams.includes(from));
      for (const { view } of seeing) view.rebuild(kinds);
      const methods = new Set(kinds.map((kind) => KINDS[kind].changed));
      notifications.listsChanged(new Set(seeing.map(({ name }) => name)), [...methods]);
    },
  };
}

function connectTo({ transport }: Server, env: NodeJS.ProcessEnv, log: Log): Connect {
  return transport.kind === "stdio" ? stdioConnect({ transport, env, log }) : httpConnect({ transport, log });
}
