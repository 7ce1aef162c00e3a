import { compilePolicies, type Explanation, explain } from "@mcp-governance-bridge/policy";
import { EXIT_BAD_CONFIGURATION, type PolicyAdmin, StartupError } from "@mcp-governance-bridge/shared";
import { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import {
  type DecisionRecord,
  type Document,
  explainAgain,
  findDecision,
  policyRevision,
  type RecordReader,
  renderDocument,
} from "@mcp-governance-bridge/tracker";
import type { Terminal } from "../command.ts";
import { needRecord, type RecordPlace } from "../record.ts";
import { explanationText, outcomeText } from "./explanation-text.ts";

interface Asked {
  id: string;
  place: RecordPlace;
  json: boolean;
}

interface Explained {
  record: DecisionRecord;
  explanation: Explanation | null;
  notes: readonly string[];
}

/** Why a decision on record came out as it did: for people to read, or as one line of JSON. */
export async function explainDecision({ id, place, json }: Asked, terminal: Terminal): Promise<string[]> {
  const { reader, name } = await needRecord(place, terminal);
  try {
    const record = await findDecision(reader, id);
    if (!record) throw new StartupError(`there is no decision ${id} in ${name}`, EXIT_BAD_CONFIGURATION);
    const explained = await explainRecord(reader, record);
    return json ? [asJson(explained)] : asText(explained);
  } finally {
    await reader.close();
  }
}

async function explainRecord(reader: RecordReader, record: DecisionRecord): Promise<Explained> {
  const revision = String(record.decision.revision);
  const document = await policyRevision(reader, revision);
  const parsed = PolicyDocument.safeParse(document);
  if (document !== undefined && !parsed.success) {
    return { record, explanation: null, notes: [`Revision ${revision} is of another version of the program.`] };
  }
  if (!parsed.success && record.decision.facts !== null) {
    return { record, explanation: null, notes: [`Revision ${revision} is not on record.`] };
  }
  const { explanation, notes } = await explainAgain(policyOf(parsed.data, revision), record);
  return { record, explanation: explanation as Explanation | null, notes };
}

/** Whoever answers questions by one revision: nobody where there is none. */
function policyOf(document: PolicyDocument | undefined, revision: string): PolicyAdmin {
  return {
    async ask(question) {
      if (question.ask !== "explain" || !document) throw new TypeError(`cannot answer ${question.ask}`);
      const { request, at, labels } = question;
      const facts = { at: at === undefined ? new Date() : new Date(at), labels };
      return explain(compilePolicies(document, revision), request, facts);
    },
  };
}

function asJson({ record, explanation, notes }: Explained): string {
  const call = record.call ? renderDocument(record.call) : "null";
  const rest = JSON.stringify({ explanation, notes }).slice(1);
  return `{"decision":${renderDocument(record.decision)},"call":${call},${rest}`;
}

function asText({ record: { decision }, explanation, notes }: Explained): string[] {
  const effect = decision.decision === "allowed" ? "permit" : "deny";
  const { rule, policy_violation, reason } = decision as Record<string, string | null>;
  const recorded = outcomeText({ effect, rule: rule ?? null, code: policy_violation ?? null, reason: reason ?? null });
  const again = explanation ? explainedText(explanation, effect) : [];
  return [
    `decision ${decision.decision_id}`,
    `  ${decision.method} ${decision.tool_name} of ${decision.server_name}, by ${decision.principal}`,
    `  at ${(decision.timestamp as Date).toISOString()}, revision ${decision.revision}`,
    ...countersText(decision),
    "",
    `recorded: ${recorded}`,
    ...again,
    ...notes.map((note) => `note: ${note}`),
  ];
}

/** Only the record knows what was in use of limits. */
function explainedText(explanation: Explanation, recorded: string): string[] {
  const why = explanation.effect === recorded ? "" : ", with nothing in use of limits";
  return [`explained${why}: ${outcomeText(explanation)}`, "", ...explanationText(explanation)];
}

function countersText({ facts }: Document): string[] {
  const counters = (facts as { counters: { rule: string; used: number; permits: number }[] } | null)?.counters ?? [];
  return counters.map(({ rule, used, permits }) => `  ${rule}: ${used} of ${permits} permits were in use`);
}
