import type { ServerEntry } from "./file-schema.ts";
import { entriesOf, memberOf } from "./plain-object.ts";
import type { Finding, Path } from "./problem.ts";
import type { UpstreamTransport } from "./types.ts";

const STDIO = { needs: "command", own: ["command", "args", "env", "cwd"] } as const;
const HTTP = { needs: "url", own: ["url", "headers"] } as const;

/** The keys of a server that say how it is reached, and may hold credentials. */
export const TRANSPORT_KEYS: readonly string[] = [...STDIO.own, ...HTTP.own];

/** Keys that a server's transport needs and lacks, and keys of the other kind. */
export function transportFindings(servers: unknown): Finding[] {
  return entriesOf(servers).flatMap(([name, server]) => keyFindings(server, ["mcpServers", name]));
}

function keyFindings(server: unknown, path: Path): Finding[] {
  const transport = memberOf(server, "transport");
  if (transport !== "stdio" && transport !== "http" && transport !== "streamable-http") return [];
  const [mine, other] = transport === "stdio" ? [STDIO, HTTP] : [HTTP, STDIO];
  const foreign = other.own.filter((key) => memberOf(server, key) !== undefined);
  const findings = foreign.map((key) => ({ path: [...path, key], message: `has no place in a ${transport} server` }));
  if (memberOf(server, mine.needs) !== undefined) return findings;
  return [...findings, { path: [...path, mine.needs], message: `is required for a ${transport} server` }];
}

/** The checked entry's transport, ready to connect with. */
export function compileTransport(entry: ServerEntry): UpstreamTransport {
  if (entry.transport !== "stdio") return { kind: "streamable-http", url: entry.url ?? "", headers: entry.headers };
  const { command = "", args, env, cwd } = entry;
  return { kind: "stdio", command, args, env, ...(cwd !== undefined && { cwd }) };
}
