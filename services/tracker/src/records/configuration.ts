import type { EventOf } from "@mcp-governance-bridge/shared";
import type { Write } from "../record-store.ts";
import { rosterWrite } from "../rosters.ts";
import { DECIDING_SETTINGS, picked } from "./policy.ts";

type Loaded = EventOf<"governance.config.loaded">;
type ConfiguredServer = Loaded["servers"][number];

/** Of the fields that the seed keeps of a server's settings, those that only the configuration tells. */
const KEPT_SETTINGS = [
  "track_api_usage",
  "mode",
  "hide_original_tools",
  "governance_prefix",
  "detailed_tracking",
  "enable_tool_logging",
];

/** What is deployed: the deployment, its servers and their settings; servers that are not named are gone. */
export function writesOfLoaded(event: Loaded, now: Date): Write[] {
  const at = new Date(event.at);
  return [
    deployment(event, at, now),
    ...event.servers.flatMap((server) => [
      serverWrite(server, at, now),
      governanceConfig(server, { at, now, revision: event.revision }),
    ]),
    rosterWrite({ collection: "servers", at, members: event.servers.map((server) => server.name) }),
  ];
}

function deployment(event: Loaded, at: Date, now: Date): Write {
  return {
    collection: "deployments",
    id: event.deploymentMode,
    set: {
      deployment_mode: event.deploymentMode,
      base_port: event.basePort,
      total_servers: event.servers.length,
      transformation_strategy: "middleware_based",
      revision: event.revision,
      status: "ready",
      setup_time: at,
      document_type: "deployment_info",
    },
    setOnInsert: { stored_at: now },
    since: { field: "setup_time", at },
  };
}

function serverWrite(server: ConfiguredServer, at: Date, now: Date): Write {
  return {
    collection: "servers",
    id: server.name,
    set: {
      server_name: server.name,
      transport: server.transport,
      governance_mode: server.mode,
      rate_limit: server.rateLimit,
      port: server.port,
      is_active: true,
      updated_at: at,
      document_type: "server_info",
    },
    setOnInsert: { registered_at: at, stored_at: now },
    since: { field: "updated_at", at },
  };
}

function governanceConfig(
  server: ConfiguredServer,
  { at, now, revision }: { at: Date; now: Date; revision: string },
): Write {
  return {
    collection: "governance_configs",
    id: server.name,
    set: {
      server_name: server.name,
      ...picked(server.governance, KEPT_SETTINGS),
      revision,
      enabled_at: at,
      document_type: "governance_config",
    },
    // What decides on calls may have been edited since: it is the policy's to tell, which may come first.
    setOnInsert: { ...picked(server.governance, DECIDING_SETTINGS), stored_at: now },
    since: { field: "enabled_at", at },
  };
}
