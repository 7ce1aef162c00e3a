import { digestOf, type EventOf } from "@mcp-governance-bridge/shared";
import { encodeJson } from "../payload.ts";
import type { Write } from "../record-store.ts";
import { rosterWrite } from "../rosters.ts";

type CatalogueChanged = EventOf<"governance.catalogue.changed">;

/** A key of a store has a length; names longer than this are known by their digest. */
const MAX_ID_CHARS = 256;

/** Whether a server can be reached. Its settings are the configuration's to tell. */
export function writesOfUpstream(event: EventOf<"governance.upstream.changed">, now: Date): Write[] {
  const at = new Date(event.at);
  const write: Write = {
    collection: "servers",
    id: event.server,
    set: { state: event.state, state_reason: event.reason, state_at: at },
    setOnInsert: { server_name: event.server, document_type: "server_info", registered_at: at, stored_at: now },
    since: { field: "state_at", at },
  };
  return [write];
}

/** The tools a server offers; those it offers no more are gone. */
export function writesOfCatalogue(event: CatalogueChanged, now: Date): Write[] {
  const at = new Date(event.at);
  const tools = event.tools.map((tool) => toolWrite(event.server, tool, { at, now }));
  const roster = rosterWrite({
    collection: "server_tools",
    server: event.server,
    at,
    members: tools.map((tool) => tool.id),
  });
  return [...tools, roster];
}

function toolWrite(server: string, tool: CatalogueChanged["tools"][number], times: { at: Date; now: Date }): Write {
  return {
    collection: "server_tools",
    id: toolId(server, tool.name),
    set: {
      server_name: server,
      tool_name: tool.name,
      public_name: tool.publicName,
      description: tool.description,
      parameters: parametersOf(tool.definition),
      definition: encodeJson(tool.definition),
      is_active: true,
      updated_at: times.at,
      document_type: "server_tool",
    },
    setOnInsert: { discovered_at: times.at, stored_at: times.now },
    since: { field: "updated_at", at: times.at },
  };
}

/** Key of a tool in `server_tools`. */
function toolId(server: string, tool: string): string {
  const id = `${server}/${tool}`;
  return id.length <= MAX_ID_CHARS ? id : digestOf(id);
}

function parametersOf(definition: string): unknown {
  try {
    const { inputSchema = null } = JSON.parse(definition) as { inputSchema?: unknown };
    return encodeJson(JSON.stringify(inputSchema));
  } catch {
    return null;
  }
}
