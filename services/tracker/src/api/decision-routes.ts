import { GovernanceError, type PolicyAdmin } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { RecordStore } from "../record-store.ts";
import { findDecision } from "../recorded/decision-records.ts";
import type { DecisionRecord } from "../recorded/request-of.ts";
import { DecisionLog } from "./decisions.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { explainAgain } from "./explain-again.ts";
import { Explanation } from "./policy-answers.ts";
import { renderDocument } from "./render.ts";
import { ToolLog } from "./tool-logs.ts";

interface DecisionRoutesOptions {
  store: Pick<RecordStore, "aggregate">;
  policy: PolicyAdmin;
}

const params = z.object({ id: z.uuid().describe("The decision's id, as a denial's `_meta` has it") });

const Explained = z.object({
  decision: DecisionLog,
  explanation: Explanation.nullable().describe(
    "What the policy says to the same question today; null where it was not asked then",
  ),
  notes: z.array(z.string()).describe("Where the question is not quite the same"),
});

/** One decision: its record, and why it came out so. */
export function decisionRoutes({ store, policy }: DecisionRoutesOptions): Endpoint[] {
  const recordOf = async (id: string): Promise<DecisionRecord> => {
    const record = await findDecision(store, id);
    if (!record) throw new GovernanceError("policy.unknown", "no such decision");
    return record;
  };

  return [
    endpoint({
      method: "GET",
      path: "/governance/decisions/:id",
      summary: "One decision and its call",
      access: "trail",
      params,
      data: z.object({ decision: DecisionLog, call: ToolLog.nullable() }),
      errors: ["policy.unknown"],
      async answer({ params: { id } }) {
        const { decision, call } = await recordOf(id);
        return { json: `{"decision":${renderDocument(decision)},"call":${call ? renderDocument(call) : null}}` };
      },
    }),
    endpoint({
      method: "GET",
      path: "/governance/decisions/:id/explain",
      summary: "Which rules were looked at for a decision, and why it came out so",
      access: "trail",
      params,
      data: Explained,
      errors: ["policy.unknown"],
      async answer({ params: { id } }) {
        const record = await recordOf(id);
        const again = await explainAgain(policy, record);
        return { json: `{"decision":${renderDocument(record.decision)},${JSON.stringify(again).slice(1)}` };
      },
    }),
  ];
}
