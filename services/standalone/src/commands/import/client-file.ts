import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import { checkJson, formatProblem, JsonObject } from "@mcp-governance-bridge/shared/configuration";

/** Where the clients we know keep their servers: most of them, VS Code's mcp.json, its settings.json, and Zed. */
const PLACES: readonly (readonly string[])[] = [["mcpServers"], ["servers"], ["mcp", "servers"], ["context_servers"]];

/** The servers in a desktop client's file, by name. Throws a StartupError of exit status 2 where there are none. */
export function readClientFile(file: string, text: string): Record<string, unknown> {
  const result = checkJson(text, JsonObject);
  if (result.value === undefined) {
    const lines = result.problems.map((problem) => formatProblem(file, problem));
    throw new StartupError(lines.join("\n"), EXIT_BAD_CONFIGURATION);
  }
  for (const place of PLACES) {
    const servers = JsonObject.safeParse(memberAt(result.value, place));
    if (servers.success && Object.keys(servers.data).length > 0) return servers.data;
  }
  const names = PLACES.map((place) => place.join(".")).join(", ");
  throw new StartupError(`${file} has no servers: none of ${names} holds any`, EXIT_BAD_CONFIGURATION);
}

function memberAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return value;
  const object = JsonObject.safeParse(value);
  return object.success ? memberAt(object.data[key], rest) : undefined;
}
