import { z } from "zod";
import { DecisionRequest } from "./decision.ts";

/** Whose settings: all servers', or one's. */
export const PolicyScope = z.union([z.literal("global"), z.object({ server: z.string() })]);
export type PolicyScope = z.infer<typeof PolicyScope>;

const revisionNumber = z.int().positive();

const change = {
  who: z.string().min(1).max(200).describe("Who makes the change"),
  why: z.string().max(1_000).default("").describe("Why"),
  expected: revisionNumber.optional().describe("Change nothing unless this revision is in force"),
};

const settings = z.record(z.string(), z.unknown()).describe("In the words of the configuration file");

/** What the governance API asks the policy service about its revisions (subject `policy.admin`). */
export const PolicyQuestion = z.discriminatedUnion("ask", [
  z.object({ ask: z.literal("current") }),
  z.object({ ask: z.literal("revisions"), limit: z.int().min(1).max(1_000).default(100) }),
  z.object({ ask: z.literal("revision"), number: revisionNumber }),
  z.object({ ask: z.literal("diff"), from: revisionNumber, to: revisionNumber }),
  z.object({ ask: z.literal("validate"), scope: PolicyScope, settings }),
  z.object({ ask: z.literal("edit"), scope: PolicyScope, settings, ...change }),
  z.object({ ask: z.literal("reset"), scope: PolicyScope, ...change }),
  z.object({ ask: z.literal("rollback"), ...change }),
  z.object({
    ask: z.literal("candidate"),
    scope: PolicyScope.default("global"),
    settings: settings.nullable().describe("null ends the trial"),
    ...change,
  }),
  z.object({
    ask: z.literal("explain"),
    request: DecisionRequest,
    at: z.iso.datetime().optional().describe("The time to decide for; now where it is missing"),
    labels: z.array(z.string()).default([]).describe("The labels the session carries"),
    number: revisionNumber.optional().describe("The revision to decide by; the active one where it is missing"),
  }),
]);
export type PolicyQuestion = z.infer<typeof PolicyQuestion>;

/** The answer: data ready to be shown as JSON, or one of the errors of the error table. */
export const PolicyAnswer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), error: z.string() }),
]);
export type PolicyAnswer = z.infer<typeof PolicyAnswer>;

/** Whoever keeps the policy. Rejects with `policy.invalid`, `policy.unknown`, `policy.conflict` or `policy.unavailable`. */
export interface PolicyAdmin {
  ask(question: PolicyQuestion): Promise<unknown>;
}
