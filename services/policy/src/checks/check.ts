import type { DecisionRequest, Denial } from "@mcp-governance-bridge/shared";

/** What the decision point knows besides the request. Gathered before any check runs, so that checks stay pure. */
export interface Facts {
  now: Date;
}

/** What a denial says of its cause; the decision point adds the identity of the decision. */
export type Refusal = Pick<Denial, "code" | "rule" | "reason" | "retryAfterMs">;

/** One question about one call: a refusal, or nothing to object. */
export type Check = (request: DecisionRequest, facts: Facts) => Refusal | undefined;
