import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixture, referenceServer } from "../paths.ts";

type Values = Readonly<Record<string, unknown>>;

/** One server in the configuration file's own words. */
export interface ServerSettings {
  readonly governance?: Values;
  readonly [key: string]: unknown;
}

/** What a test says about its configuration; the rest objects to nothing. */
export interface Settings {
  governance?: Values;
  servers: Readonly<Record<string, ServerSettings>>;
}

/** The echo upstream on stdio, one process for all sessions. */
export function echo(governance: Values = {}): ServerSettings {
  return nodeServer([fixture("echo-stdio")], governance);
}

/** The upstream that asks, logs, notifies and serves resources and prompts, on stdio. */
export function features(governance: Values = {}): ServerSettings {
  return nodeServer([fixture("features-stdio")], governance);
}

/** One of the protocol's reference servers on stdio. */
export function reference(name: string, args: readonly string[] = [], governance: Values = {}): ServerSettings {
  return nodeServer([referenceServer(name), ...args], governance);
}

/** An upstream that is reached over Streamable HTTP. */
export function remote(url: string, governance: Values = {}): ServerSettings {
  return { transport: "streamable-http", url, governance };
}

function nodeServer(args: readonly string[], governance: Values): ServerSettings {
  return { transport: "stdio", command: process.execPath, args, governance };
}

/**
 * Writes a configuration file into the folder and returns its path. Unless the test says otherwise, a server's public names begin with
 * its own name and no rate limit is met.
 */
export async function aConfiguration(folder: string, basePort: number, settings: Settings): Promise<string> {
  const mcpServers = Object.fromEntries(
    Object.entries(settings.servers).map(([name, server]) => [
      name,
      { ...server, governance: { governance_prefix: name, rate_limit: 1_000_000_000, ...server.governance } },
    ]),
  );
  const governance = { deployment_mode: "unified", base_port: basePort, auth_disabled: true, ...settings.governance };
  const path = join(folder, "mcp_governance_config.json");
  await writeFile(path, JSON.stringify({ governance, mcpServers }, null, 2));
  return path;
}
