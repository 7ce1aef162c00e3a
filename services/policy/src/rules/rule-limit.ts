import type { CountersFailureMode } from "@mcp-governance-bridge/shared/configuration";
import type { Refusal } from "../checks/check.ts";
import type { Limit } from "../counter-store.ts";

/** One count that a rule limits, for one call. */
export interface RuleLimit {
  /** E.g. `weather.rate_limit`, `limits.fair`. */
  rule: string;
  limit: Limit;
  /** What becomes of the rule while the counters cannot be reached. */
  onFailure: CountersFailureMode;
  /** Only tells what it would have refused. */
  isShadow: boolean;
  /** The refusal, `used` permits being in use and waiting helping after `retryAfterMs`, if at all. */
  refuse(used: number, retryAfterMs: number | undefined): Refusal;
}
