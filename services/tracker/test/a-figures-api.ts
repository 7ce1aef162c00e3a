import { type PolicyAdmin, silentLog } from "@mcp-governance-bridge/shared";
import { expect } from "vitest";
import { figuresRoutes } from "../src/api/figures-routes.ts";
import { createGovernanceApi } from "../src/api/governance-api.ts";
import type { RecordStore } from "../src/record-store.ts";
import { NOW } from "./a-figures-record.ts";
import { aPolicyAdmin } from "./a-policy-admin.ts";

/** The policy that is in force. */
export const current = {
  revision: "r3-0123456789ab",
  document: {
    global: {
      policies: [
        { id: "allow-all", effect: "allow" },
        { id: "on-trial", effect: "deny", shadow: true },
      ],
    },
    servers: { files: { limits: [{ id: "daily" }] }, web: { policies: [{ id: "never", effect: "deny" }] } },
  },
};

/** Asks questions on figures of a record at `NOW`. */
export const aFiguresApi = (
  store: Pick<RecordStore, "aggregate">,
  policy: PolicyAdmin = aPolicyAdmin({ current: () => current }).policy,
) => {
  const endpoints = figuresRoutes({ store, policy, retention: () => ({}), now: () => NOW });
  const { app } = createGovernanceApi({ endpoints, edits: "open", log: silentLog });
  const get = async (path: string) => {
    const response = await app.request(`/governance${path}`);
    return { status: response.status, ...JSON.parse(await response.text()) };
  };
  const ask = async (path: string) => {
    const answer = await get(path);
    expect(answer, path).toMatchObject({ status: "success" });
    return answer.data;
  };
  return { endpoints, get, ask };
};
