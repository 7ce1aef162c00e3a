import { GovernanceError, UpstreamState } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";
import { sumsBy } from "../usage/read-figures.ts";
import { noSums } from "../usage/sums.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { CallFigures, callFigures } from "./figures-answers.ts";
import { coveredBy, type FiguresSource } from "./figures-window.ts";
import { isActive } from "./servers-found.ts";

const count = z.int().nonnegative();
const time = z.iso.datetime();

const Server = z
  .object({
    server_name: z.string(),
    is_active: z.boolean().describe("Whether the configuration in force has it"),
    state: UpstreamState.nullable().describe("Whether it can be reached; null where nobody has told"),
    state_reason: z.string().nullable(),
    state_at: time.nullable().describe("Since when"),
    governance_mode: z.string().nullable(),
    transport: z.string().nullable(),
    rate_limit: z.int().nullable().describe("Calls permitted in any 60 seconds"),
    port: z.int().nullable(),
    registered_at: time.nullable(),
    tools: count.describe("Tools that it offers"),
    settings: z.record(z.string(), z.unknown()).nullable().describe("Its governance settings in force"),
    last_hour: CallFigures,
    last_day: CallFigures.describe("Of the last 24 hours, widened to whole hours"),
  })
  .meta({ id: "Server", description: "A server with what is on record of it" });

const Servers = z.object({
  active: count,
  total: count,
  fresh_to: time.nullable().describe("Everything that was on record then is counted"),
  servers: z.array(Server).describe("In the order of their names"),
});

export function serversRoutes(source: FiguresSource): Endpoint[] {
  const list = endpoint({
    method: "GET",
    path: "/governance/servers",
    summary: "Every server that is or was configured: its state, settings, tools and figures",
    access: "open",
    data: Servers,
    async answer() {
      const { servers, fresh_to } = await serversFound(source);
      const active = servers.filter(isActive).length;
      return { json: JSON.stringify({ active, total: servers.length, fresh_to, servers }) };
    },
  });
  const one = endpoint({
    method: "GET",
    path: "/governance/servers/:name",
    summary: "One server: its state, settings, tools and figures",
    access: "open",
    params: z.object({ name: z.string().describe("Its name in the configuration") }),
    data: Server,
    errors: ["record.unknown"],
    async answer({ params: { name } }) {
      const [server] = (await serversFound(source, name)).servers;
      if (!server) throw new GovernanceError("record.unknown", "no such server");
      return { json: JSON.stringify(server) };
    },
  });
  return [list, one];
}

async function serversFound(source: FiguresSource, server_name?: string) {
  const { store } = source;
  const match = server_name === undefined ? {} : { server_name };
  const [servers, settings, tools, hour, day] = await Promise.all([
    store.aggregate("servers", [{ $match: match }]),
    store.aggregate("governance_configs", [{ $match: match }]),
    store.aggregate("server_tools", [{ $match: { ...match, is_active: true } }, { $project: { server_name: 1 } }]),
    figuresOf(source, 1, server_name),
    figuresOf(source, 24, server_name),
  ]);
  const settingsOf = new Map(settings.map((document) => [document.server_name, settingsIn(document)]));
  const found = servers.map((server) => ({
    ...membersOf(server),
    tools: tools.filter((tool) => tool.server_name === server.server_name).length,
    settings: settingsOf.get(server.server_name) ?? null,
    last_hour: hour.of(server.server_name),
    last_day: day.of(server.server_name),
  }));
  found.sort((a, b) => (a.server_name < b.server_name ? -1 : 1));
  return { servers: found, fresh_to: hour.fresh_to };
}

async function figuresOf(source: FiguresSource, hours: number, server_name?: string) {
  const { window, covers } = await coveredBy(source, { hours });
  const by = ["server_name"];
  const sums = await sumsBy(source.store, { window, grouping: "server", match: { server_name }, by });
  const byServer = new Map(sums.map((combination) => [combination.members.server_name, combination.sums]));
  return {
    fresh_to: covers.fresh_to,
    of: (server: unknown) => callFigures(byServer.get(server) ?? noSums()),
  };
}

/** A server that was heard of before its configuration was told has not all of them yet. */
function membersOf(server: Document) {
  const { state, state_reason, state_at, governance_mode, transport, rate_limit, port, registered_at } = server;
  return {
    server_name: String(server.server_name),
    is_active: isActive(server),
    state: state ?? null,
    state_reason: state_reason ?? null,
    state_at: state_at ?? null,
    governance_mode: governance_mode ?? null,
    transport: transport ?? null,
    rate_limit: rate_limit ?? null,
    port: port ?? null,
    registered_at: registered_at ?? null,
  };
}

function settingsIn({ _id, server_name, document_type, stored_at, ...settings }: Document): Document {
  return settings;
}
