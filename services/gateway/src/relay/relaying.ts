import type { EventPublisher, Log } from "@mcp-governance-bridge/shared";
import type { Configuration } from "@mcp-governance-bridge/shared/configuration";
import { KINDS } from "../catalogue/catalogue.ts";
import type { Sessions } from "../front/sessions.ts";
import { createInFlight } from "../in-flight.ts";
import type { Metrics } from "../metrics.ts";
import { createRulesOf } from "../obligations/rules-of.ts";
import { createScreens } from "../obligations/screen.ts";
import type { DecisionPoint } from "../ports.ts";
import { createCallRelay } from "./call.ts";
import { createEnforcementPoint } from "./enforce.ts";
import { createHandBack } from "./hand-back.ts";
import { Notifications } from "./notifications.ts";
import { createRelay } from "./relay.ts";
import { createReports } from "./reports.ts";
import { ServerRequests } from "./server-requests.ts";
import { createTrail } from "./trail.ts";
import { VisibleLists } from "./visible-lists.ts";

export interface RelayingOptions {
  /** What is configured at this moment. */
  settings: () => Pick<Configuration, "deploymentMode" | "enableTracking" | "policy" | "onPolicyFailure">;
  decisionPoint: DecisionPoint;
  publisher: EventPublisher;
  sessions: Sessions;
  metrics: Metrics;
  log: Log;
}

const LISTS_CHANGED = [...new Set(Object.values(KINDS).map(({ changed }) => changed))];

/** The path of a call, put together. */
export function createRelaying({ settings, decisionPoint, publisher, sessions, metrics, log }: RelayingOptions) {
  const onPolicyFailure = () => settings().onPolicyFailure;
  const trail = createTrail(publisher, settings);
  const reports = createReports(decisionPoint, log);
  const enforce = createEnforcementPoint({ decisionPoint, onPolicyFailure, publisher, trail, reports, log });
  const screenFor = createScreens(
    createRulesOf(() => settings().policy.packs),
    log,
  );
  const handBack = createHandBack(reports, log);
  const serverRequests = new ServerRequests({ enforce, screenFor, handBack, trail, sessions, log });
  const notifications = new Notifications({ sessions, serverRequests, log });
  const visibleLists = new VisibleLists({ decisionPoint, onPolicyFailure, log });
  // After the lists have heard of it, so that whoever asks at once is not answered by what held before.
  decisionPoint.onRevision(() => notifications.listsChanged("all", LISTS_CHANGED));
  const inFlight = createInFlight();
  const call = createCallRelay({ enforce, screenFor, handBack, reports, trail, metrics, notifications, log });
  const relay = createRelay({
    call: (incoming, route) => inFlight.track(route.upstream.inFlight.track(call(incoming, route))),
    sessions,
    notifications,
    visibleLists,
    log,
  });
  return { relay, serverRequests, notifications, drained: inFlight.drained };
}
