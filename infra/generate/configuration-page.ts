import { configurationJsonSchema } from "../../shared/src/configuration/json-schema.ts";
import { Selector } from "../../shared/src/configuration/rules-schema.ts";
import { environments } from "./environments.ts";
import { describeType, type JsonType, toJsonType } from "./json-type.ts";
import { page, table } from "./markdown.ts";

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the form that the file uses
const variables = [
  "Any string in the file may hold `${NAME}` or `${NAME:-default}`: it is replaced by the environment variable; an unset or empty one without default stops the start. `$${` stands for a literal `${`.",
  "Every service, `npm start` and `npm run bridge` read a `.env` file in the working directory too; the real environment wins.",
].join("\n\n");
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the form that the file uses

const RULES: Readonly<Record<string, string>> = {
  PolicyRule: "An element of `policies`.",
  LimitRule: "An element of `limits`. One of `permits`, `daily` and `concurrent` at least.",
  ResultRule: "An element of `results`.",
  LabelRule: "An element of `labels`.",
  CountersFailureMode: "What happens while the counters cannot be reached:",
};

/** docs/configuration.md: the keys of the file and the environment variables of each service. */
export function configurationPage(): string {
  const file = configurationJsonSchema() as JsonType;
  const server = file.properties?.mcpServers?.additionalProperties;
  const entry = typeof server === "object" ? server : {};
  const services = Object.entries(environments).map(
    ([service, env]) => `### ${service}\n\n${rowsTable("variable", shallow(toJsonType(env)))}`,
  );
  return page("Configuration", "shared/src/configuration and services/*/src/config.ts", [
    "One file, `mcp_governance_config.json`, says which MCP servers there are and what is allowed. `npm run bridge -- validate FILE` checks it: every problem is told with its line, column and path. Editors know the keys by `config/mcp_governance_config.schema.json`. `npm run bridge -- import FILE` makes such a file from the one of a desktop client.",
    "## The file",
    rowsTable("key", shallow(file)),
    "## `governance`",
    rowsTable("key", file.properties?.governance ?? {}),
    "## `mcpServers.<name>`",
    "`stdio` servers have `command`, `args`, `env` and `cwd`; `streamable-http` servers (`http` means the same) have `url` and `headers`.",
    rowsTable("key", shallow(entry)),
    "## `mcpServers.<name>.governance`",
    rowsTable("key", entry.properties?.governance ?? {}),
    "## Rules",
    "Global rules stand in `governance` and are about the calls of all servers; those in `mcpServers.<name>.governance` are about the calls of that server.",
    "### Which calls a rule is about",
    "Every kind of rule may have these; all that are given must match.",
    rowsTable("key", toJsonType(Selector)),
    ...Object.entries(file.$defs ?? {}).map(([name, type]) => ruleSection(name, type)),
    "## Variables",
    variables,
    "## Environment",
    "Of each variable `NAME` here there may be a `NAME_FILE` instead: the path of a file that holds the value, as Docker and Kubernetes hand out secrets. An empty value counts as unset.",
    ...services,
  ]);
}

function ruleSection(name: string, type: JsonType): string {
  const intro = RULES[name];
  if (intro === undefined) throw new Error(`${name} is not described in configuration-page.ts`);
  const own = Object.entries(type.properties ?? {}).filter(([key]) => !(key in Selector.shape));
  const selects =
    own.length === Object.keys(type.properties ?? {}).length
      ? ""
      : " Besides, [which calls](#which-calls-a-rule-is-about) it is about.";
  const choices = type.anyOf ? [`${describeType(type)}.`] : [];
  const members = type.anyOf?.find(({ properties }) => properties) ?? { ...type, properties: Object.fromEntries(own) };
  return [`### ${name}`, [intro + selects, ...choices].join(" "), rowsTable("key", members)].join("\n\n");
}

/** The type with the members of its members left out: they have tables of their own. */
function shallow(type: JsonType): JsonType {
  const members = Object.entries(type.properties ?? {}).map(([name, { properties: _, ...member }]) => [name, member]);
  return { ...type, properties: Object.fromEntries(members) };
}

function rowsTable(head: string, type: JsonType): string {
  return table([head, "type", "default", "meaning"], rows(type, ""));
}

function rows(type: JsonType, prefix: string): string[][] {
  return Object.entries(type.properties ?? {}).flatMap(([name, member]) => [
    [
      `\`${prefix}${name}\``,
      describeType(member),
      defaultOf(member, type.required?.includes(name) ?? false),
      member.description ?? "",
    ],
    ...[member.items ?? member]
      .flatMap(choices)
      .flatMap((inner) => rows(inner, `${prefix}${name}${member.items ? "[]" : ""}.`)),
  ]);
}

function choices(type: JsonType): JsonType[] {
  return type.anyOf ?? [type];
}

function defaultOf(member: JsonType, required: boolean): string {
  if (required) return "required";
  if (member.type === "object" || member.default === undefined) return "";
  const { default: value } = member;
  if (Array.isArray(value) && value.length > 5)
    return typeof value[0] === "object" ? `a list of ${value.length}` : `${value[0]} to ${value.at(-1)}`;
  return `\`${JSON.stringify(value)}\``;
}
