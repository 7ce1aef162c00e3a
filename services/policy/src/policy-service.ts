import type {
  Closable,
  CompletionReport,
  EventPublisher,
  Log,
  PolicyAdmin,
  Visibility,
  VisibilityQuery,
} from "@mcp-governance-bridge/shared";
import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import type { Registry } from "prom-client";
import { compilePolicies } from "./compile-policies.ts";
import type { CounterStore } from "./counter-store.ts";
import { createCounting } from "./counting.ts";
import { createDecisionPoint, type DecisionPoint } from "./decision-point.ts";
import { explain } from "./explain.ts";
import type { LargeEvaluator } from "./large/large-evaluator.ts";
import { measureDecisions } from "./measure-decisions.ts";
import { policyProblems } from "./policy-problems.ts";
import type { RevisionStore } from "./revision-store.ts";
import { createLivePolicies } from "./revisions/live-policies.ts";
import type { SessionLabels } from "./session-labels.ts";
import { visible } from "./visible.ts";

export interface PolicyServiceOptions {
  /** What the configuration file says. */
  file: PolicyDocument;
  /** The file's path. */
  source: string;
  /** The stores stay the caller's to close, after the service. */
  revisions: RevisionStore;
  counters: CounterStore;
  /** Counts of this process alone, for limits that go on so while the others cannot be reached. */
  localCounters: CounterStore;
  labels: SessionLabels;
  /** Evaluates large calls apart from all others; without it they are evaluated like any other. */
  large?: LargeEvaluator;
  publisher: Pick<EventPublisher, "tell">;
  /** Where decisions are counted; one service per registry. */
  registry?: Registry;
  log: Log;
}

/** All that gateways and the governance API ask of the policy. */
export interface PolicyService extends DecisionPoint, Closable {
  /** Resolves once what the end of a call adds to its session and gives back is kept. */
  completed(report: CompletionReport): Promise<void>;
  /** What of these may ever be called. */
  visible(query: VisibilityQuery): Promise<Visibility>;
  admin: PolicyAdmin;
  /** Tells the name of each revision that comes into force from now on. */
  onRevision(listener: (revision: string) => void): void;
  /** Takes what the file says now. Rejects with `policy.invalid` where that makes no policy: the last good one stays. */
  fileChanged(file: PolicyDocument): Promise<void>;
  /** Rejects with the reason while this replica cannot follow the newest revision. */
  ping(): Promise<void>;
}

/** Resolves once a policy is in force; waits for the store of revisions. Throws a StartupError where there is none. */
export async function createPolicyService(options: PolicyServiceOptions): Promise<PolicyService> {
  const { file, source, revisions, counters, localCounters, labels, large, publisher, registry, log } = options;
  const now = () => new Date();
  const live = await createLivePolicies({
    store: revisions,
    file,
    who: source,
    compile(document, name) {
      const policies = compilePolicies(document, name);
      large?.prepare(policies, document);
      return policies;
    },
    problems: policyProblems,
    explain,
    publisher,
    log,
    now,
  });
  const counting = createCounting({ store: counters, local: localCounters, log });
  const decisionPoint = createDecisionPoint({ policies: live.current, counting, labels, large, now, log });

  return {
    ...measureDecisions(decisionPoint, registry),
    async completed({ callId, sessionId, labels: gathered, leases }) {
      await Promise.all([labels.add(sessionId, gathered), counting.release(leases, callId)]);
    },
    visible: async (query) => visible(live.current().active, query),
    admin: live.admin,
    onRevision: live.onChange,
    fileChanged: live.fileChanged,
    ping: live.ping,
    close: live.close,
  };
}
