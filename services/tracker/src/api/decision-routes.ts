import { GovernanceError, type PolicyAdmin } from "@mcp-governance-bridge/shared";
import type { HonoRequest } from "hono";
import { z } from "zod";
import type { RecordStore } from "../record-store.ts";
import { findDecision } from "../recorded/decision-records.ts";
import type { DecisionRecord } from "../recorded/request-of.ts";
import type { Endpoint } from "./endpoint.ts";
import { explainAgain } from "./explain-again.ts";
import { parse, queryOf } from "./parameters.ts";
import { renderDocument } from "./render.ts";

interface DecisionRoutesOptions {
  store: Pick<RecordStore, "aggregate">;
  policy: PolicyAdmin;
}

const Asked = z.strictObject({ id: z.uuid() });

/** One decision: its record, and why it came out so. */
export function decisionRoutes({ store, policy }: DecisionRoutesOptions): Endpoint[] {
  const recordOf = async (request: HonoRequest): Promise<DecisionRecord> => {
    const { id } = parse(Asked, { ...queryOf(new URL(request.url).searchParams), id: request.param("id") });
    const record = await findDecision(store, id);
    if (!record) throw new GovernanceError("policy.unknown", "no such decision");
    return record;
  };

  return [
    {
      method: "GET",
      path: "/governance/decisions/:id",
      async answer(request) {
        const { decision, call } = await recordOf(request);
        return `{"decision":${renderDocument(decision)},"call":${call ? renderDocument(call) : null}}`;
      },
    },
    {
      method: "GET",
      path: "/governance/decisions/:id/explain",
      async answer(request) {
        const record = await recordOf(request);
        const again = await explainAgain(policy, record);
        return `{"decision":${renderDocument(record.decision)},${JSON.stringify(again).slice(1)}`;
      },
    },
  ];
}
