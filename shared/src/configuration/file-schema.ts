import { z } from "zod";
import { recordKeys } from "./record-schema.ts";
import { CountersFailureMode, ruleKeys, TimeZone } from "./rules-schema.ts";
import { ServerGovernance } from "./schema.ts";

const FailureModes = z.strictObject({
  policy: z
    .union([
      z.enum(["closed", "open"]),
      z.strictObject({ local: z.int().min(1).describe("Calls in any minute that each gateway may permit alone") }),
    ])
    .default("closed")
    .describe("While the policy service gives no decision: deny, permit, or permit some"),
  counters: CountersFailureMode.default("closed").describe(
    "While Redis is away: deny, do not count, or let each replica grant a share of the permits",
  ),
  labels: z
    .enum(["closed", "open"])
    .default("closed")
    .describe("While labels of sessions cannot be read or kept: deny, or leave rules on the flow of information out"),
});

/** The top level `governance`: the seed's keys, with the seed's defaults, and ours. */
export const Governance = z.strictObject({
  deployment_mode: z
    .enum(["unified", "multi-port", "hybrid"])
    .default("unified")
    .describe(
      "unified: all servers on base_port; multi-port: each on its own port; hybrid: as each server's mode says",
    ),
  base_port: z.int().min(1024).max(65_535).default(8173).describe("Port of the listener that unified servers share"),
  mongodb_uri: z
    .string()
    .optional()
    .describe("Where records are kept, mongodb:// or mongodb+srv://; the variable MONGODB_URI wins"),
  enable_tracking: z
    .boolean()
    .default(true)
    .describe(
      "false records no permitted calls and no usage, of any server; decisions and denials are recorded all the same",
    ),
  enable_dashboard: z.boolean().default(true).describe("false serves no dashboard (accepted; no effect yet)"),
  auth_disabled: z.boolean().default(false).describe("true lets clients in without credentials"),
  transformation_strategy: z
    .enum(["fastmcp_native", "custom_wrapper"])
    .default("fastmcp_native")
    .describe("Accepted for the sake of existing files; has no effect"),
  time_zone: TimeZone.optional().describe("IANA time zone of hours, days and dates; the host's where it is missing"),
  default_effect: z
    .enum(["allow", "deny"])
    .default("allow")
    .describe("What becomes of a call that no rule in policies is about"),
  ...ruleKeys,
  failure_modes: FailureModes.prefault({}).describe("What happens while a dependency is away"),
  ...recordKeys,
  pattern_pack_files: z
    .array(z.string().min(1))
    .default([])
    .describe("Files of further pattern packs, JSON, relative to this file"),
});
export type Governance = z.infer<typeof Governance>;

const TRANSPORTS = ["stdio", "streamable-http", "http"] as const;
const LATER_TRANSPORTS: readonly unknown[] = ["sse", "websocket"];

const transportProblem = (issue: { input?: unknown }): string => {
  const choices = TRANSPORTS.join(", ");
  if (issue.input === undefined) return `is required: one of ${choices}`;
  if (LATER_TRANSPORTS.includes(issue.input)) return `comes in a later release; for now use one of ${choices}`;
  return `must be one of ${choices}`;
};

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is no HTTP header name");
const headerValue = z.string().regex(/^[^\r\n\0]*$/, "must not contain line breaks");
const variableName = z.string().regex(/^[^=\0]+$/, "is no name of an environment variable");
const timeout = z
  .int()
  .min(100, "is in milliseconds and must be at least 100")
  .max(3_600_000, "is in milliseconds and must be at most 3600000");

const need = (key: string, transports: readonly string[], foreign: readonly string[]) => ({
  if: { properties: { transport: { enum: transports } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: [key], properties: Object.fromEntries(foreign.map((name) => [name, false])) },
});

/** `mcpServers.<name>`. Which keys go with which transport is checked beside it, so that one mistake hides no other. */
export const ServerEntry = z
  .strictObject({
    transport: z.enum(TRANSPORTS, { error: transportProblem }).describe("How the server is reached"),
    command: z.string().min(1).optional().describe("stdio: the program to run"),
    args: z.array(z.string()).default([]).describe("stdio: its arguments"),
    env: z.record(variableName, z.string()).default({}).describe("stdio: variables it gets besides a short safe list"),
    cwd: z.string().min(1).optional().describe("stdio: the folder it runs in"),
    url: z.string().optional().describe("streamable-http: where the server listens, http:// or https://"),
    headers: z.record(headerName, headerValue).default({}).describe("streamable-http: headers sent with every request"),
    timeout: timeout.default(60_000).describe("Milliseconds a request may take at the server"),
    disabled: z.boolean().default(false).describe("true leaves the server out"),
    governance: ServerGovernance.prefault({}).describe("What is allowed and what is recorded"),
  })
  .meta({
    allOf: [
      need("command", ["stdio"], ["url", "headers"]),
      need("url", ["streamable-http", "http"], ["command", "args", "env", "cwd"]),
    ],
  });
export type ServerEntry = z.infer<typeof ServerEntry>;

/** The form of a server's name. */
export const SERVER_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/** The whole of `mcp_governance_config.json`, before variables are replaced. */
export const ConfigurationFile = z.strictObject({
  $schema: z.string().optional().describe("Address of this file's JSON Schema, for editors"),
  governance: Governance.prefault({}).describe("Settings of the bridge as a whole"),
  mcpServers: z
    .record(z.string(), ServerEntry)
    .refine((servers) => Object.keys(servers).length > 0, "must name at least one server")
    .describe("The MCP servers behind the bridge, by name")
    .meta({ minProperties: 1, propertyNames: { type: "string", pattern: SERVER_NAME.source } }),
});
export type ConfigurationFile = z.infer<typeof ConfigurationFile>;
