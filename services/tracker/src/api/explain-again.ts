import type { DecisionRequest, PolicyAdmin } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import { toJsonText } from "../payload.ts";
import type { Document } from "../record-store.ts";

/** What the record has of a decision. */
export interface DecisionRecord {
  decision: Document;
  /** The call's own document, where there is one. */
  call: Document | undefined;
  /** The tool as its server last offered it, where it is known. */
  tool: Document | undefined;
}

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
  const given = argumentsOf(record.call);
  const request = {
    callId: decision.call_id,
    sessionId: decision.session_id,
    principal: decision.principal,
    roles: [],
    client: decision.client,
    server: decision.server_name,
    method: decision.method,
    target: decision.tool_name,
    arguments: given.value,
    ...annotationsOf(record.tool),
  } as DecisionRequest;
  const at = (facts.at as Date).toISOString();
  const explanation = await policy.ask({ ask: "explain", request, at, labels: facts.labels as string[], number });
  const notes = [
    "Roles are not on record: none are assumed.",
    ...given.notes,
    ...annotationNotes(record),
    ...differences(explanation, decision),
  ];
  return { explanation, notes };
}

/** The arguments as the policy had them; none where the record has not all of them. */
function argumentsOf(call: Document | undefined): { value: unknown; notes: string[] } {
  const missing = (why: string) => ({ value: {}, notes: [`The arguments ${why}: none are assumed.`] });
  if (!call || call.inputs === undefined) return missing("are not on record");
  if (call.input_size === null) return missing("were not kept (log_inputs)");
  if (isCut(call.inputs)) return missing("were kept in part only (max_log_size)");
  return { value: JSON.parse(toJsonText(call.inputs)), notes: [] };
}

function isCut(inputs: unknown): boolean {
  return typeof inputs === "object" && inputs !== null && Object.hasOwn(inputs, "_truncated");
}

function annotationsOf(tool: Document | undefined): { annotations?: Record<string, unknown> } {
  if (!tool) return {};
  const definition: unknown = JSON.parse(toJsonText(tool.definition));
  const annotations = (definition as { annotations?: Record<string, unknown> } | null)?.annotations;
  return typeof annotations === "object" && annotations !== null ? { annotations } : {};
}

function annotationNotes({ decision, tool }: DecisionRecord): string[] {
  if (decision.method !== "tools/call") return [];
  if (!tool) return ["The tool's annotations are not on record: none are assumed."];
  const read = tool.updated_at as Date;
  if (read <= (decision.timestamp as Date)) return [];
  return [`The tool's annotations are those of ${read.toISOString()}, which is after the decision.`];
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
