import type { PolicyAdmin } from "@mcp-governance-bridge/shared";
import type { HonoRequest } from "hono";
import type { Alerts } from "../alerts/create-alerts.ts";
import type { Artifacts } from "../artifacts/artifacts.ts";
import { deadLetterEndpoints } from "../dead-letters/dead-letter-routes.ts";
import type { DeadLetters } from "../dead-letters/dead-letters.ts";
import type { RecordStore } from "../record-store.ts";
import type { KeptDays } from "../usage/expiry.ts";
import { alertRoutes } from "./alert-routes.ts";
import { artifactRoutes } from "./artifact-routes.ts";
import { auditRoutes } from "./audit-routes.ts";
import { decisionRoutes } from "./decision-routes.ts";
import type { Endpoint } from "./endpoint.ts";
import { figuresRoutes } from "./figures-routes.ts";
import { type HealthParts, healthRoute } from "./health.ts";
import { historyRoutes } from "./history.ts";
import { policyRoutes } from "./policy-routes.ts";
import { recordRoutes } from "./record-routes.ts";

/** What the governance API asks to answer. */
export interface RouteSources {
  store: RecordStore;
  policy: PolicyAdmin;
  /** `governance.retention` as it is in force. */
  retention(): KeptDays;
  letters: DeadLetters;
  artifacts: Artifacts;
  alerts: Pick<Alerts, "report" | "settings" | "test">;
  live: { routes: readonly Endpoint[] };
  health: HealthParts;
  /** Who asks, as far as is known. */
  who(request: HonoRequest): string;
}

/** All that can be asked. */
export function governanceRoutes(sources: RouteSources): Endpoint[] {
  const { store, policy, live, health } = sources;
  return [
    ...recordRoutes(store),
    ...decisionRoutes({ store, policy }),
    ...figuresRoutes(sources),
    ...policyRoutes(policy),
    ...historyRoutes(store),
    ...auditRoutes(store),
    ...deadLetterEndpoints(sources),
    ...artifactRoutes(sources),
    ...alertRoutes(sources),
    ...live.routes,
    healthRoute(health),
  ];
}
