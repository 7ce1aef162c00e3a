import type { Configuration } from "@mcp-governance-bridge/shared/configuration";

export interface Welcome {
  configuration: Configuration;
  source: string;
  dataFolder: string;
  host: string;
}

/** What a person who has just started it wants to know: where to connect, with what, and what to try. */
export function welcome({ configuration, source, dataFolder, host }: Welcome): string {
  const servers = configuration.servers.filter(({ disabled }) => !disabled);
  const ports = [...new Set(servers.map(({ port }) => port))];
  const clients = Object.fromEntries(
    ports.map((port) => [
      ports.length === 1 ? "governed" : `governed-${port}`,
      { type: "http", url: urlOf(host, port) },
    ]),
  );
  return [
    `MCP Governance Bridge governs ${servers.length} servers of ${source}, ${configuration.deploymentMode} mode.`,
    "",
    ...servers.map(
      ({ name, port, governance }) => `  ${urlOf(host, port)}  ${name} as ${prefixOf(governance.governance_prefix)}*`,
    ),
    "",
    "Connect a client with",
    "",
    JSON.stringify({ mcpServers: clients }, null, 2),
    "",
    "Try",
    "",
    ...aligned([
      ["npm run demo", "calls, denials and their trail, against this gateway"],
      [`curl -s ${rootOf(host, ports[0])}/governance/tool-logs`, "what was called, by whom, with which outcome"],
      [`curl -s ${rootOf(host, ports[0])}/readyz`, "what is up"],
    ]),
    "",
    `Records are kept in ${dataFolder}. Stop with Ctrl-C.`,
    "",
  ].join("\n");
}

function aligned(rows: readonly (readonly [command: string, meaning: string])[]): string[] {
  const width = Math.max(...rows.map(([command]) => command.length));
  return rows.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`);
}

function urlOf(host: string, port: number): string {
  return `${rootOf(host, port)}/mcp`;
}

function rootOf(host: string, port: number | undefined): string {
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function prefixOf(prefix: string): string {
  return prefix && `${prefix}_`;
}
