import { z } from "zod";

/** The MCP methods that make somebody act and therefore need a permit. The last three go from an upstream to a client. */
export const GovernedMethod = z.enum([
  "tools/call",
  "resources/read",
  "resources/subscribe",
  "prompts/get",
  "completion/complete",
  "sampling/createMessage",
  "elicitation/create",
  "roots/list",
]);
export type GovernedMethod = z.infer<typeof GovernedMethod>;

/** What the client says of itself at `initialize`. Recorded, never trusted. */
export const ClientInfo = z.object({ name: z.string(), version: z.string() });
export type ClientInfo = z.infer<typeof ClientInfo>;

/** One call as the enforcement point presents it to the decision point (subject `policy.decide`). */
export const DecisionRequest = z.object({
  callId: z.uuid(),
  sessionId: z.string(),
  principal: z.string(),
  roles: z.array(z.string()).default([]),
  client: ClientInfo.nullable(),
  /** The upstream's name in the configuration. */
  server: z.string(),
  method: GovernedMethod,
  /** The upstream's own name of the tool or prompt, or the URI of the resource; the method where there is neither. */
  target: z.string(),
  arguments: z.unknown(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
export type DecisionRequest = z.infer<typeof DecisionRequest>;

/** Machine codes of denials. The first five are the seed's; the last five mean that no decision could be had or kept. */
export const DenialCode = z.enum([
  "time_restriction",
  "rate_limit",
  "security_pattern",
  "high_security_sensitive_operation",
  "high_security_parameter_size",
  "concurrency_limit",
  "policy_rule",
  "policy_default",
  "approval_required",
  "information_flow",
  "unchecked_arguments",
  "result_denied",
  "policy_error",
  "policy_unavailable",
  "counters_unavailable",
  "labels_unavailable",
  "audit_unavailable",
]);
export type DenialCode = z.infer<typeof DenialCode>;

const asked = {
  rule: z.string().describe("The rule that asks for it"),
  shadow: z
    .boolean()
    .optional()
    .describe("true where the rule is only tried: what it would do is recorded, the result stays as it is"),
};

const found = {
  ...asked,
  packs: z.array(z.string()).describe("Names of pattern packs whose patterns are looked for"),
  patterns: z.array(z.string()).describe("Further patterns that are looked for, in RE2 syntax"),
  pointers: z.array(z.string()).describe("JSON pointers into the result (RFC 6901; `*` stands for any one step)"),
};

/**
 * What a permit asks of the enforcement point. `redact`, `withhold` and `deny` act on what is found in the result:
 * where packs, patterns and pointers are all empty, on the whole result.
 */
export const Obligation = z.discriminatedUnion("kind", [
  z
    .object({ kind: z.literal("redact"), ...found, mask: z.string().describe("What stands where something was") })
    .describe("Replace what is found"),
  z
    .object({ kind: z.literal("withhold"), ...found, reason: z.string() })
    .describe("Hand back a notice instead of a result in which something is found"),
  z
    .object({ kind: z.literal("deny"), ...found, reason: z.string() })
    .describe("Answer with a denial instead of a result in which something is found"),
  z
    .object({
      kind: z.literal("truncate"),
      ...asked,
      maxCharacters: z.int().nonnegative().describe("Characters of each text that are handed back"),
    })
    .describe("Cut texts of the result"),
  z
    .object({
      kind: z.literal("report"),
      labels: z.array(z.string()).describe("Labels the session carries once an answer is handed back"),
      leases: z.array(z.string()).describe("What the call holds while it runs"),
    })
    .describe("Tell the decision point (`policy.completed`) that the call has ended, before its answer is handed back"),
]);
export type Obligation = z.infer<typeof Obligation>;

/** What a decision was made from besides the request: with the call's arguments, enough to make it again. */
export const DecisionFacts = z.object({
  at: z.iso.datetime().describe("The time that rules about time went by"),
  labels: z.array(z.string()).describe("The labels that the session carried"),
  counters: z
    .array(
      z.object({
        rule: z.string().describe("The limit"),
        used: z.int().nonnegative().describe("Permits in use before this call"),
        permits: z.int().nonnegative().describe("Permits there are"),
      }),
    )
    .describe("The limits that were asked"),
});
export type DecisionFacts = z.infer<typeof DecisionFacts>;

/** A denial that did not take place: its rule, or the whole candidate revision, is only tried. */
export const ShadowDenial = z.object({
  rule: z.string(),
  revision: z.string().describe("The revision that would have denied: the active one, or the candidate"),
  code: DenialCode,
  reason: z.string(),
});
export type ShadowDenial = z.infer<typeof ShadowDenial>;

/** A rule that could not be asked and was told by configuration not to deny for that. */
export const Degradation = z.object({
  rule: z.string(),
  dependency: z.enum(["policy", "counters", "labels", "condition"]).describe("What was missing"),
  mode: z.enum(["open", "local"]).describe("How the rule went on: not at all, or by this replica's own count"),
});
export type Degradation = z.infer<typeof Degradation>;

// Defaults are for what an older release has told and nobody has read yet.
const decided = {
  decisionId: z.uuid(),
  revision: z
    .string()
    .describe('The revision of the policy that decided, e.g. `r12-3fa9c0b1d2e3`; "none" where no policy was reached'),
  facts: DecisionFacts.nullable().default(null).describe("Null where no policy was reached"),
  shadows: z.array(ShadowDenial).default([]).describe("What rules on trial would have denied"),
  degraded: z.array(Degradation).default([]).describe("Rules that were not asked as they should have been"),
};

export const Decision = z.discriminatedUnion("effect", [
  z.object({
    effect: z.literal("permit"),
    ...decided,
    rule: z.string().nullable().default(null).describe("The rule that allowed; null where nothing objected"),
    obligations: z.array(Obligation).describe("What is asked of the gateway in return"),
  }),
  z.object({
    effect: z.literal("deny"),
    ...decided,
    code: DenialCode,
    rule: z.string().describe("The rule that denied, e.g. `weather.rate_limit`"),
    reason: z.string().describe("For the model to read, in the seed's words, without the prefix `Governance denied: `"),
    retryAfterMs: z
      .int()
      .nonnegative()
      .optional()
      .describe("Milliseconds until the same call may be permitted, where waiting helps"),
  }),
]);
export type Decision = z.infer<typeof Decision>;
export type Permit = Extract<Decision, { effect: "permit" }>;
export type Denial = Extract<Decision, { effect: "deny" }>;

/** A permitted call has ended (subject `policy.completed`): what its permit's `report` obligation asked for. Answered with `{}` when it is kept. */
export const CompletionReport = z.object({
  decisionId: z.uuid(),
  callId: z.uuid(),
  sessionId: z.string(),
  /** Empty where no answer is handed back. */
  labels: z.array(z.string()),
  leases: z.array(z.string()),
});
export type CompletionReport = z.infer<typeof CompletionReport>;

/** Which of these may somebody ever call (subject `policy.visible`)? */
export const VisibilityQuery = z.object({
  principal: z.string(),
  roles: z.array(z.string()),
  client: ClientInfo.nullable(),
  items: z.array(
    z.object({
      server: z.string(),
      method: GovernedMethod,
      target: z.string(),
      annotations: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
export type VisibilityQuery = z.infer<typeof VisibilityQuery>;

/** The answer, valid while that revision is in force. */
export const Visibility = z.object({
  revision: z.string(),
  hidden: z.array(z.int().nonnegative()).describe("Indexes of the items that no call of this asker can ever reach"),
});
export type Visibility = z.infer<typeof Visibility>;
