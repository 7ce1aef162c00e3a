import type { PolicyAdmin } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";
import { type DecisionRecord, requestOf } from "../recorded/request-of.ts";

export interface Explained {
  /** What the policy service says to the same question today; null where it was not asked then. */
  explanation: unknown;
  /** Where the question is not quite the same, one sentence each. */
  notes: readonly string[];
}

const REVISION = /^r(\d+)-/;

/** What is needed here of the answer to `explain`. */
const Explanation = z.object({ revision: z.string(), effect: z.enum(["permit", "deny"]) });

/** Asks again what a decision was about: by its revision, at its time, with the labels that its session carried. */
export async function explainAgain(policy: PolicyAdmin, record: DecisionRecord): Promise<Explained> {
  const { decision } = record;
  const number = Number(REVISION.exec(String(decision.revision))?.[1]);
  const facts = decision.facts as Document | null;
  if (!facts || Number.isNaN(number)) {
    return { explanation: null, notes: ["No policy was reached, so that no rule was looked at."] };
  }
  const { request, missing, notes: assumed } = requestOf(record);
  const at = (facts.at as Date).toISOString();
  const explanation = await policy.ask({ ask: "explain", request, at, labels: facts.labels as string[], number });
  const notes = [
    ...assumed,
    ...(missing === undefined ? [] : [`The arguments ${missing}: none are assumed.`]),
    ...differences(explanation, decision),
  ];
  return { explanation, notes };
}

function differences(explanation: unknown, decision: Document): string[] {
  const { revision, effect } = Explanation.parse(explanation);
  const notes: string[] = [];
  if (revision !== decision.revision) notes.push(`Revision ${decision.revision} is not kept: this is ${revision}.`);
  if ((effect === "permit") !== (decision.decision === "allowed")) {
    notes.push("It comes out otherwise than it did: limits are explained as if nothing had used them up.");
  }
  return notes;
}
