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

/** Machine codes of denials. The first five are the seed's; the last four mean that no decision could be had or kept. */
export const DenialCode = z.enum([
  "time_restriction",
  "rate_limit",
  "security_pattern",
  "high_security_sensitive_operation",
  "high_security_parameter_size",
  "policy_error",
  "policy_unavailable",
  "counters_unavailable",
  "audit_unavailable",
]);
export type DenialCode = z.infer<typeof DenialCode>;

/** What a permit asks of the enforcement point. None exist yet; the member keeps its place on the wire. */
export const Obligation = z.object({ kind: z.string() });
export type Obligation = z.infer<typeof Obligation>;

const decided = {
  decisionId: z.uuid(),
  revision: z.string().describe('The revision of the policy that decided; "none" where no policy was reached'),
};

export const Decision = z.discriminatedUnion("effect", [
  z.object({
    effect: z.literal("permit"),
    ...decided,
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
