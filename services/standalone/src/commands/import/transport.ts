/** How a client reaches a server, in our words; a refusal is a sentence. */
export type Kind = { transport: "stdio"; command: string } | { transport: "streamable-http"; url: string };

const HTTP = new Set(["http", "streamable-http", "streamablehttp", "streamable_http"]);
const LATER = new Set(["sse", "websocket", "ws"]);

/** Finds out how a server is reached. Throws an UnsupportedServer where the bridge cannot reach it. */
export function kindOf(server: Readonly<Record<string, unknown>>): Kind {
  const type = [server.type, server.transport, server.transportType].find(isText)?.toLowerCase();
  const url = [server.url, server.serverUrl, server.httpUrl].find(isText);
  const command = [server.command].find(isText);
  if (type !== undefined) return namedKind(type, { command, url });
  if (url !== undefined && /\/sse\/?$/.test(url.replace(/[?#].*$/s, "")))
    throw new UnsupportedServer(laterProblem("sse"));
  if (command !== undefined) return { transport: "stdio", command };
  if (url !== undefined) return { transport: "streamable-http", url };
  throw new UnsupportedServer("it has neither a command nor a url");
}

function namedKind(type: string, { command, url }: { command: string | undefined; url: string | undefined }): Kind {
  if (LATER.has(type)) throw new UnsupportedServer(laterProblem(type));
  if (type === "stdio" && command !== undefined) return { transport: "stdio", command };
  if (HTTP.has(type) && url !== undefined) return { transport: "streamable-http", url };
  if (type === "stdio" || HTTP.has(type))
    throw new UnsupportedServer(`it has no ${type === "stdio" ? "command" : "url"}`);
  throw new UnsupportedServer(`its transport "${type}" is not known`);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function laterProblem(named: string): string {
  return `the transport ${named} comes in a later release; use the server's streamable-http address, if it has one`;
}

/** A server that the bridge cannot be put in front of. */
export class UnsupportedServer extends Error {
  override readonly name = "UnsupportedServer";
}
