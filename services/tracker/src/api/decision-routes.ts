import { GovernanceError, type PolicyAdmin } from "@mcp-governance-bridge/shared";
import type { HonoRequest } from "hono";
import { z } from "zod";
import type { Collection, Document, RecordStore } from "../record-store.ts";
import { toolId } from "../records/upstream.ts";
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
  const find = async (collection: Collection, id: unknown): Promise<Document | undefined> =>
    (await store.aggregate(collection, [{ $match: { _id: id } }, { $limit: 1 }]))[0];

  const recordOf = async (request: HonoRequest) => {
    const { id } = parse(Asked, { ...queryOf(new URL(request.url).searchParams), id: request.param("id") });
    const decision = await find("governance_logs", id);
    if (!decision) throw new GovernanceError("policy.unknown", "no such decision");
    return { decision, call: await find("tool_logs", decision.call_id) };
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
        const { decision, call } = await recordOf(request);
        const tool = await find("server_tools", toolId(String(decision.server_name), String(decision.tool_name)));
        const again = await explainAgain(policy, { decision, call, tool });
        return `{"decision":${renderDocument(decision)},${JSON.stringify(again).slice(1)}`;
      },
    },
  ];
}
