import { z } from "zod";

const hour = z.int().min(0).max(23);

/** `mcpServers.<name>.governance`: the seed's keys, with the seed's defaults. */
export const ServerGovernance = z.strictObject({
  mode: z.enum(["unified", "separate_port"]).default("unified"),
  port: z.int().min(1024).max(65_535).default(8174),
  /** Calls in any 60 seconds; 0 denies all. */
  rate_limit: z.int().min(0).default(100),
  /** Hours of the day, 0 to 23, in which calls are allowed; an empty list denies all. */
  allowed_hours: z.array(hour).default(() => Array.from({ length: 24 }, (_, index) => index)),
  high_security: z.boolean().default(false),
  /** Regular expressions in RE2 syntax, besides the built-in ones. */
  blocked_patterns: z.array(z.string()).default([]),
  /** Public names are this, an underscore, and the upstream's own name; empty means the upstream's own name alone. */
  governance_prefix: z.string().default("governed_"),
  hide_original_tools: z.boolean().default(true),
  detailed_tracking: z.boolean().default(true),
  enable_tool_logging: z.boolean().default(true),
  log_inputs: z.boolean().default(true),
  log_outputs: z.boolean().default(true),
  /** Characters of inputs and outputs that are kept. */
  max_log_size: z.int().min(0).default(10_000),
  security_level: z.enum(["low", "medium", "high"]).default("medium"),
  track_api_usage: z.boolean().default(true),
});
export type ServerGovernance = z.infer<typeof ServerGovernance>;
