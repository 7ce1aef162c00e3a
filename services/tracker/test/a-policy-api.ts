import { type PolicyAdmin, silentLog } from "@mcp-governance-bridge/shared";
import { decisionRoutes } from "../src/api/decision-routes.ts";
import type { Edits } from "../src/api/edits.ts";
import { createGovernanceApi } from "../src/api/governance-api.ts";
import { policyRoutes } from "../src/api/policy-routes.ts";
import { recordRoutes } from "../src/api/record-routes.ts";
import type { RecordStore } from "../src/record-store.ts";
import { aPolicyAdmin } from "./a-policy-admin.ts";

/** Who and why, as every change has it. */
export const change = { who: "ada", why: "incident 7" };

const current = {
  number: 12,
  revision: "r12-0123456789ab",
  document: {
    global: { default_effect: "allow" },
    servers: { weather: { rate_limit: 7, disabled: false }, files: { disabled: true } },
    packs: [],
  },
  scopes: { global: { origin: "file" }, "servers/weather": { origin: "edit" }, "servers/files": { origin: "file" } },
};

interface ApiParts {
  edits?: Edits;
  policy?: ReturnType<typeof aPolicyAdmin>;
}

export interface Sent {
  body?: object | string | undefined;
  headers?: Record<string, string>;
}

interface Parts {
  store: Pick<RecordStore, "aggregate">;
  policy: PolicyAdmin;
  edits: Edits;
}

/** The governance API of the record and the policy. */
export function anApi({ store, policy, edits }: Parts) {
  const endpoints = [...recordRoutes(store), ...decisionRoutes({ store, policy }), ...policyRoutes(policy)];
  return createGovernanceApi({ endpoints, edits, log: silentLog });
}

/** The governance API without a record; `what` is a method and a path below `/governance/policies`. */
export function aPolicyApi({ edits = "open", policy = aPolicyAdmin({ current: () => current }) }: ApiParts = {}) {
  const store = { aggregate: () => Promise.reject(new Error("not asked")) };
  const { app } = anApi({ store, policy: policy.policy, edits });
  const ask = async (what: string, { body, headers = {} }: Sent = {}) => {
    const [method = "", path = ""] = what.split(" ");
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const response = await app.request(`/governance/policies${path}`, {
      method,
      headers: { ...type, ...headers },
      ...(text !== undefined && { body: text }),
    });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  };
  return { ask, asked: policy.asked };
}
