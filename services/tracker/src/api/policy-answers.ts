import { Decision, DenialCode, PolicyScope } from "@mcp-governance-bridge/shared";
import { z } from "zod";

const Document = z.record(z.string(), z.unknown()).describe("A whole policy document");
const Origin = z.enum(["file", "edit"]);

/** A revision in a list. */
export const RevisionSummary = z.object({
  number: z.int(),
  revision: z.string().describe("As decisions name it"),
  hash: z.string(),
  at: z.iso.datetime(),
  origin: z.enum(["file", "edit", "reset", "rollback", "candidate"]).describe("What brought it about"),
  who: z.string(),
  why: z.string(),
  candidateRevision: z.string().nullable().describe("As decisions name the document on trial; null where none is"),
});

/** A revision, whole. */
export const Revision = RevisionSummary.extend({
  document: Document,
  scopes: z.record(z.string(), z.object({ origin: Origin, fileHash: z.string() })),
  candidate: Document.nullable(),
  problem: z.string().nullable().describe("Why what the file says is not in force; null where it is"),
}).meta({ id: "PolicyRevision", description: "One state of the policy" });

const Change = z.object({
  path: z.string().describe("JSON pointer"),
  before: z.string().nullable().describe("JSON text; null where there was nothing"),
  after: z.string().nullable().describe("JSON text; null where there is nothing"),
});

/** What differs between two revisions. */
export const Difference = z.object({ from: z.string(), to: z.string(), changes: z.array(Change) });

/** What is wrong with settings, and what they would change. */
export const Validation = z.object({
  valid: z.boolean(),
  problems: z.array(z.string()),
  changes: z.array(Change),
});

/** The settings of one scope in force. */
export const InForce = z.object({
  scope: PolicyScope,
  settings: z.record(z.string(), z.unknown()).describe("As an edit of it would say them"),
  origin: Origin,
  number: z.int(),
  revision: z.string(),
});

const Step = z.object({
  rule: z.string(),
  effect: z.enum(["allow", "deny", "require_approval"]).describe("What it does to a call that it matches"),
  verdict: z.enum(["matched", "passed", "skipped"]),
  why: z.string(),
  shadow: z.boolean().describe("Whether it is only tried"),
});

const Limit = z.object({
  rule: z.string(),
  kind: z.string(),
  permits: z.int(),
  cost: z.int(),
  windowMs: z.int().nullable(),
  shadow: z.boolean(),
});

const [{ shape: permit }] = Decision.options;

/** Why a call comes out as it does while nobody else uses up permits. */
export const Explanation = z
  .object({
    revision: z.string(),
    at: z.iso.datetime(),
    effect: z.enum(["permit", "deny"]),
    rule: z.string().nullable(),
    code: DenialCode.nullable(),
    reason: z.string().nullable(),
    steps: z.array(Step).describe("Everything that was looked at, in order"),
    labels: z.object({ session: z.array(z.string()), call: z.array(z.string()) }),
    limits: z.array(Limit),
    packs: z.array(z.string()),
    obligations: permit.obligations,
    shadows: z.array(z.unknown()),
    degraded: permit.degraded.unwrap(),
  })
  .meta({ id: "Explanation", description: "Why a call comes out as it does while nobody else uses up permits" });
