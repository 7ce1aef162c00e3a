import type { PolicyAdmin } from "@mcp-governance-bridge/shared";
import type { RecordStore } from "../record-store.ts";
import type { KeptDays } from "../usage/expiry.ts";
import { effectivenessRoute } from "./effectiveness-routes.ts";
import type { Endpoint } from "./endpoint.ts";
import { latencyRoute } from "./figures-latency-routes.ts";
import { metricsRoutes } from "./figures-metrics-routes.ts";
import { serversRoutes } from "./servers-routes.ts";
import { sessionsRoutes } from "./sessions-routes.ts";
import { toolsRoute } from "./tools-routes.ts";
import { usageRoutes } from "./usage-routes.ts";
import { violationsRoute } from "./violations-routes.ts";

interface FiguresRoutesOptions {
  store: Pick<RecordStore, "aggregate">;
  policy: PolicyAdmin;
  /** `governance.retention` as it is in force. */
  retention(): KeptDays;
  now?: () => Date;
}

/** Every question that figures answer, on usage, servers, tools, sessions and the policy's effect. */
export function figuresRoutes({ store, policy, retention, now = () => new Date() }: FiguresRoutesOptions): Endpoint[] {
  const source = { store, retention, now };
  return [
    ...metricsRoutes(source),
    latencyRoute(source),
    ...usageRoutes(source),
    ...serversRoutes(source),
    ...sessionsRoutes(source),
    toolsRoute(source),
    violationsRoute(source),
    effectivenessRoute(source, policy),
  ];
}
