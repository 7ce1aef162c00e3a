import { z } from "zod";
import { CountersFailureMode, ruleKeys, scheduleKeys } from "./rules-schema.ts";

const hour = z.int().min(0).max(23);
const everyHour = () => Array.from({ length: 24 }, (_, index) => index);

/** The form of `governance_prefix`. */
const PREFIX = /^[A-Za-z0-9_.-]{0,64}$/;

/** `mcpServers.<name>.governance`: the seed's keys, with the seed's defaults, and ours. */
export const ServerGovernance = z.strictObject({
  mode: z
    .enum(["unified", "separate_port"])
    .default("unified")
    .describe("Which listener serves this server; has an effect in deployment mode hybrid only"),
  port: z
    .int()
    .min(1024)
    .max(65_535)
    .default(8174)
    .describe("Port of its own: in deployment mode multi-port, and in hybrid where mode is separate_port"),
  rate_limit: z.int().min(0).default(100).describe("Calls permitted in any 60 seconds; 0 denies all"),
  allowed_hours: z
    .array(hour)
    .default(everyHour)
    .describe("Hours of the day, 0 to 23, in which calls are allowed; an empty list denies all"),
  ...scheduleKeys,
  max_concurrent_sessions: z.int().min(0).optional().describe("Calls under way at once; without it there is no limit"),
  high_security: z
    .boolean()
    .default(false)
    .describe("Deny tools whose names contain a sensitive word, and arguments of more than 10,000 characters"),
  blocked_patterns: z
    .array(z.string())
    .default([])
    .describe("Regular expressions in RE2 syntax that deny a call whose arguments match, besides those of the packs"),
  pattern_packs: z
    .array(z.string())
    .optional()
    .describe("Names of the pattern packs that deny a call whose arguments match, instead of those of security_level"),
  governance_prefix: z
    .string()
    .regex(PREFIX, "must be at most 64 letters, digits, underscores, dots and hyphens")
    .default("governed_")
    .describe(
      "Public names are this, an underscore, and the upstream's own name; empty means the upstream's own name alone",
    ),
  hide_original_tools: z.boolean().default(true).describe("Offer tools under their public names only"),
  detailed_tracking: z
    .boolean()
    .default(true)
    .describe("false records calls without inputs, outputs and the split of their time"),
  enable_tool_logging: z
    .boolean()
    .default(true)
    .describe("false leaves permitted calls out of tool_logs; decisions and denials are recorded all the same"),
  log_inputs: z.boolean().default(true).describe("Record the arguments of calls"),
  log_outputs: z.boolean().default(true).describe("Record the results of calls"),
  max_log_size: z.int().min(0).default(10_000).describe("Characters of inputs and of outputs that are kept"),
  security_level: z
    .enum(["low", "medium", "high"])
    .default("medium")
    .describe(
      "low: packs destructive-shell, destructive-sql, code-execution; medium: these and credentials, as the seed; " +
        "high: these, path-traversal and cloud-metadata, and what high_security asks for",
    ),
  ...ruleKeys,
  failure_modes: z
    .strictObject({ counters: CountersFailureMode.optional().describe("While Redis is away") })
    .default({})
    .describe("What happens while a dependency is away, instead of the global setting"),
  track_api_usage: z.boolean().default(true).describe("false leaves this server's calls out of usage figures"),
});
export type ServerGovernance = z.infer<typeof ServerGovernance>;
