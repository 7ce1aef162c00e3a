import type { PolicyAdmin } from "@mcp-governance-bridge/shared";
import type { RecordStore } from "../record-store.ts";
import { decisionEndpoints } from "./decision-routes.ts";
import type { Endpoint } from "./endpoint.ts";
import { type HealthParts, healthEndpoints } from "./health.ts";
import { historyEndpoints } from "./history.ts";
import { policyEndpoints } from "./policy-routes.ts";
import { recordEndpoints } from "./record-routes.ts";

/** What the governance API asks to answer. */
export interface EndpointSources {
  store: RecordStore;
  policy: PolicyAdmin;
  live: { endpoints: readonly Endpoint[] };
  health: HealthParts;
}

/** All that can be asked. */
export function governanceEndpoints({ store, policy, live, health }: EndpointSources): Endpoint[] {
  return [
    ...recordEndpoints(store),
    ...decisionEndpoints({ store, policy }),
    ...policyEndpoints(policy),
    ...historyEndpoints(store),
    ...live.endpoints,
    ...healthEndpoints(health),
  ];
}
