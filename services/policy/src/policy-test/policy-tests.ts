import { DenialCode } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import { HypotheticalCall } from "./hypothetical-call.ts";

/** What a decision must be; what is left out may be anything. */
export const Expectation = z.strictObject({
  effect: z.enum(["permit", "deny"]),
  rule: z.string().nullable().optional().describe("The rule that denies or allows; null where nothing objects"),
  code: DenialCode.optional(),
  reason: z.string().optional().describe("Text that the reason contains"),
  obligations: z
    .array(z.record(z.string(), z.unknown()))
    .optional()
    .describe("What is asked of the gateway, in order; of each, the members that are given must be so"),
  retryAfterMs: z.int().nonnegative().optional(),
});
export type Expectation = z.infer<typeof Expectation>;

const PolicyTest = z.strictObject({
  name: z.string().min(1),
  fresh: z.boolean().default(false).describe("Begins with counters and sessions that nobody has used"),
  call: HypotheticalCall,
  repeat: z
    .int()
    .min(1)
    .max(100_000)
    .default(1)
    .describe("The call is made so often, and each time must be as expected"),
  ends: z.boolean().default(true).describe("false leaves the calls under way"),
  expect: Expectation,
});
export type PolicyTest = z.infer<typeof PolicyTest>;

/** A file of tests. They are one story: each finds the counters, sessions and clock as those before it left them. */
export const PolicyTests = z
  .strictObject({ tests: z.array(PolicyTest).min(1, "must have at least one test") })
  .superRefine(({ tests }, context) => {
    let last = Number.NEGATIVE_INFINITY;
    for (const [index, { fresh, call }] of tests.entries()) {
      if (fresh) last = Number.NEGATIVE_INFINITY;
      if (call.at === undefined) continue;
      const at = Date.parse(call.at);
      if (at < last) {
        const message = "is earlier than a test before it; fresh: true begins anew";
        context.addIssue({ code: "custom", path: ["tests", index, "call", "at"], message });
      }
      last = Math.max(last, at);
    }
  });
export type PolicyTests = z.infer<typeof PolicyTests>;
