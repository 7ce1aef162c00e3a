import { expect, test } from "vitest";
import { configurationJsonSchema, patternPackJsonSchema } from "./json-schema.ts";

interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  description?: string;
  type?: string;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
}

const file = configurationJsonSchema() as Schema;
const server = file.properties?.mcpServers?.additionalProperties as Schema;
const rules = file.$defs ?? {};

/** The schema and every schema inside it. */
const everySchema = (schema: Schema): Schema[] => {
  const { additionalProperties: others, items, anyOf = [], properties = {}, $defs = {} } = schema;
  const inner = [...(typeof others === "object" ? [others] : []), ...(items ? [items] : []), ...anyOf];
  return [schema, ...[...inner, ...Object.values(properties), ...Object.values($defs)].flatMap(everySchema)];
};

const objects = [...everySchema(file), ...everySchema(patternPackJsonSchema() as Schema)].filter(
  ({ properties }) => properties,
);

test("every key has a description for editors, however deep it stands", () => {
  const undescribed = objects.flatMap(({ properties = {} }) =>
    Object.keys(properties).filter((key) => !properties[key]?.description),
  );
  expect(undescribed).toEqual([]);
});

test("only what has no default is required", () => {
  expect(file.required).toEqual(["mcpServers"]);
  expect(server.required).toEqual(["transport"]);
  expect(server.properties?.governance?.required).toBeUndefined();
});

test("editors flag unknown keys at every level", () => {
  expect(objects.length).toBeGreaterThan(12);
  expect(objects.filter(({ additionalProperties }) => additionalProperties !== false)).toEqual([]);
});

test("each kind of rule is defined once", () => {
  expect(Object.keys(rules).toSorted()).toEqual([
    "CountersFailureMode",
    "LabelRule",
    "LimitRule",
    "PolicyRule",
    "ResultRule",
  ]);
});

test("the keys are frozen", () => {
  expect(Object.keys(file.properties?.governance?.properties ?? {})).toEqual([
    "deployment_mode",
    "base_port",
    "mongodb_uri",
    "enable_tracking",
    "enable_dashboard",
    "auth_disabled",
    "transformation_strategy",
    "time_zone",
    "default_effect",
    "policies",
    "limits",
    "results",
    "labels",
    "failure_modes",
    "retention",
    "unknown_after_minutes",
    "alerts",
    "pattern_pack_files",
  ]);
  expect(Object.keys(server.properties ?? {})).toEqual([
    "transport",
    "command",
    "args",
    "env",
    "cwd",
    "url",
    "headers",
    "timeout",
    "disabled",
    "governance",
  ]);
  expect(Object.keys(server.properties?.governance?.properties ?? {})).toEqual([
    "mode",
    "port",
    "rate_limit",
    "allowed_hours",
    "time_zone",
    "allowed_weekdays",
    "allowed_times",
    "allowed_dates",
    "blocked_dates",
    "max_concurrent_sessions",
    "high_security",
    "blocked_patterns",
    "pattern_packs",
    "governance_prefix",
    "hide_original_tools",
    "detailed_tracking",
    "enable_tool_logging",
    "log_inputs",
    "log_outputs",
    "max_log_size",
    "security_level",
    "policies",
    "limits",
    "results",
    "labels",
    "failure_modes",
    "track_api_usage",
  ]);
});

test("the keys of rules are frozen", () => {
  const selects = "principals roles clients servers tools prompts resources methods annotations";
  const keysOf = (name: string) => Object.keys(rules[name]?.properties ?? {}).join(" ");
  expect(keysOf("PolicyRule")).toBe(`id effect ${selects} when closes reason on_failure shadow`);
  expect(keysOf("LimitRule")).toBe(`id ${selects} by permits daily concurrent cost costs reason on_failure shadow`);
  expect(keysOf("ResultRule")).toBe(`id action ${selects} packs patterns pointers max_characters mask reason shadow`);
  expect(keysOf("LabelRule")).toBe(`${selects} labels`);
});
