import { expect, test } from "vitest";
import { configurationJsonSchema } from "./json-schema.ts";

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
}

const file = configurationJsonSchema() as Schema;
const server = file.properties?.mcpServers?.additionalProperties as Schema;

const undescribed = (schema: Schema): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([key, member]) => [
    ...(member.description ? [] : [key]),
    ...undescribed(member),
  ]);

test("every key of the file has a description for editors", () => {
  expect([...undescribed(file), ...undescribed(server)]).toEqual([]);
});

test("only what has no default is required", () => {
  expect(file.required).toEqual(["mcpServers"]);
  expect(server.required).toEqual(["transport"]);
  expect(server.properties?.governance?.required).toBeUndefined();
});

test("editors flag unknown keys at every level", () => {
  const levels = [file, file.properties?.governance, server, server.properties?.governance];
  expect(levels.map((level) => level?.additionalProperties)).toEqual([false, false, false, false]);
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
    "high_security",
    "blocked_patterns",
    "governance_prefix",
    "hide_original_tools",
    "detailed_tracking",
    "enable_tool_logging",
    "log_inputs",
    "log_outputs",
    "max_log_size",
    "security_level",
    "track_api_usage",
  ]);
});
