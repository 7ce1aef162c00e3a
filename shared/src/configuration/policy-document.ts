import { z } from "zod";
import { Governance } from "./file-schema.ts";
import { ServerGovernance } from "./schema.ts";

/** The global settings that decide on calls, in the words of the file. */
export const GlobalPolicySettings = Governance.pick({
  time_zone: true,
  default_effect: true,
  policies: true,
  limits: true,
  results: true,
  labels: true,
  failure_modes: true,
});
export type GlobalPolicySettings = z.infer<typeof GlobalPolicySettings>;

/** The settings of one server that decide on calls, in the words of the file. */
export const ServerPolicySettings = ServerGovernance.pick({
  rate_limit: true,
  allowed_hours: true,
  time_zone: true,
  allowed_weekdays: true,
  allowed_times: true,
  allowed_dates: true,
  blocked_dates: true,
  max_concurrent_sessions: true,
  high_security: true,
  security_level: true,
  blocked_patterns: true,
  pattern_packs: true,
  policies: true,
  limits: true,
  results: true,
  labels: true,
  failure_modes: true,
});
export type ServerPolicySettings = z.infer<typeof ServerPolicySettings>;

/** A named set of patterns with the corpus that shows what it is for. */
export const PatternPack = z.strictObject({
  $schema: z.string().optional().describe("Address of this file's JSON Schema, for editors"),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, "must be lower-case letters, digits and hyphens")
    .describe("What rules and settings call it"),
  description: z.string().describe("What it is for"),
  extends: z.string().optional().describe("Name of a pack whose patterns and corpus this one has too"),
  patterns: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "must be lower-case letters, digits and hyphens")
          .describe("Names the pattern in refusals, after the pack's name and a slash"),
        pattern: z.string().min(1).describe("RE2 syntax; case is ignored"),
      }),
    )
    .describe("What is looked for"),
  attacks: z.array(z.unknown()).describe("Texts, or whole arguments, in which it must be found"),
  lookalikes: z.array(z.unknown()).describe("Texts, or whole arguments, in which it must not be found"),
});
export type PatternPack = z.infer<typeof PatternPack>;

/** Everything that decides on calls, defaults filled in: what a revision of the policy is made of. */
export const PolicyDocument = z.strictObject({
  global: GlobalPolicySettings,
  servers: z.record(z.string(), ServerPolicySettings.extend({ disabled: z.boolean() })),
  /** The operator's own packs; the built-in ones come with the program. */
  packs: z.array(PatternPack),
});
export type PolicyDocument = z.infer<typeof PolicyDocument>;
