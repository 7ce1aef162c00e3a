import { configurationJsonSchema } from "../../shared/src/configuration/json-schema.ts";
import { environments } from "./environments.ts";
import { describeType, type JsonType, toJsonType } from "./json-type.ts";
import { page, table } from "./markdown.ts";

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the form that the file uses
const variables = [
  "Any string in the file may hold `${NAME}` or `${NAME:-default}`: it is replaced by the environment variable; an unset or empty one without default stops the start. `$${` stands for a literal `${`.",
  "Every service, `npm start` and `npm run bridge` read a `.env` file in the working directory too; the real environment wins.",
].join("\n\n");
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the form that the file uses

/** docs/configuration.md: the keys of the file and the environment variables of each service. */
export function configurationPage(): string {
  const file = configurationJsonSchema() as JsonType;
  const server = file.properties?.mcpServers?.additionalProperties;
  const entry = typeof server === "object" ? server : {};
  const services = Object.entries(environments).map(
    ([service, env]) => `### ${service}\n\n${rowsTable("variable", toJsonType(env))}`,
  );
  return page("Configuration", "shared/src/configuration and services/*/src/config.ts", [
    "One file, `mcp_governance_config.json`, says which MCP servers there are and what is allowed. `npm run bridge -- validate FILE` checks it: every problem is told with its line, column and path. Editors know the keys by `config/mcp_governance_config.schema.json`.",
    "## The file",
    rowsTable("key", file),
    "## `governance`",
    rowsTable("key", file.properties?.governance ?? {}),
    "## `mcpServers.<name>`",
    "`stdio` servers have `command`, `args`, `env` and `cwd`; `streamable-http` servers (`http` means the same) have `url` and `headers`.",
    rowsTable("key", entry),
    "## `mcpServers.<name>.governance`",
    rowsTable("key", entry.properties?.governance ?? {}),
    "## Variables",
    variables,
    "## Environment",
    "Of each variable `NAME` here there may be a `NAME_FILE` instead: the path of a file that holds the value, as Docker and Kubernetes hand out secrets. An empty value counts as unset.",
    ...services,
  ]);
}

function rowsTable(head: string, type: JsonType): string {
  const rows = Object.entries(type.properties ?? {}).map(([name, member]) => [
    `\`${name}\``,
    describeType(member),
    defaultOf(member, type.required?.includes(name) ?? false),
    member.description ?? "",
  ]);
  return table([head, "type", "default", "meaning"], rows);
}

function defaultOf(member: JsonType, required: boolean): string {
  if (required) return "required";
  if (member.type === "object" || member.default === undefined) return "";
  if (Array.isArray(member.default) && member.default.length > 5)
    return `${member.default[0]} to ${member.default.at(-1)}`;
  return `\`${JSON.stringify(member.default)}\``;
}
