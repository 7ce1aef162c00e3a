import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createGateway, createMemorySessionStore, type Gateway } from "@mcp-governance-bridge/gateway";
import {
  compilePolicies,
  createDecisionPoint,
  createMemoryCounterStore,
  measureDecisions,
} from "@mcp-governance-bridge/policy";
import type { Log, Scope } from "@mcp-governance-bridge/shared";
import type { Configuration } from "@mcp-governance-bridge/shared/configuration";
import { openJournalEventBus } from "@mcp-governance-bridge/shared/journal";
import { createGovernanceApi, createTracker, openLmdbRecordStore } from "@mcp-governance-bridge/tracker";
import { collectDefaultMetrics, register } from "prom-client";
import { lockFolder } from "./lock.ts";

export interface StandaloneOptions {
  configuration: Configuration;
  dataFolder: string;
  host: string;
  sessionIdleMs: number;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  env: NodeJS.ProcessEnv;
  log: Log;
}

const MAX_SESSIONS = 10_000;

/** All services in this process, on embedded parts. What is opened last is closed first: calls end before records do. */
export async function startStandalone(scope: Scope, options: StandaloneOptions): Promise<Gateway> {
  const { configuration, dataFolder, log } = options;
  await mkdir(dataFolder, { recursive: true });
  scope.use(lockFolder(dataFolder));
  collectDefaultMetrics({ register });

  const store = scope.use(openLmdbRecordStore({ path: join(dataFolder, "records"), log }));
  const bus = scope.use(await openJournalEventBus({ directory: join(dataFolder, "journal"), log }));
  scope.use(await createTracker({ bus, store, log }));

  const policies = compilePolicies(configuration);
  const counters = scope.use(createMemoryCounterStore());
  const decisionPoint = measureDecisions(createDecisionPoint({ policies, counters, now: () => new Date(), log }));
  const sessionStore = scope.use(createMemorySessionStore({ ttlMs: options.sessionIdleMs, max: MAX_SESSIONS }));

  return scope.use(
    await createGateway({
      ...options,
      decisionPoint: { ...decisionPoint, ping: async () => {}, close: async () => {} },
      publisher: bus,
      sessionStore,
      api: createGovernanceApi({ store, log }),
      checks: { events: () => bus.ping(), records: () => store.ping() },
      registry: register,
    }),
  );
}
