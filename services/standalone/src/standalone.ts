import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createGateway, createMemorySessionStore } from "@mcp-governance-bridge/gateway";
import {
  createMemoryCounterStore,
  createMemorySessionLabels,
  createPolicyService,
  createWorkerEvaluator,
  LABELS_TTL_MS,
  openDiskRevisionStore,
  type PolicyService,
} from "@mcp-governance-bridge/policy";
import type { EventPublisher, Log, Scope } from "@mcp-governance-bridge/shared";
import type { Configuration } from "@mcp-governance-bridge/shared/configuration";
import { openJournalEventBus } from "@mcp-governance-bridge/shared/journal";
import {
  createTimerJobQueue,
  type Edits,
  loadSigner,
  openLmdbRecordStore,
  startRecordService,
} from "@mcp-governance-bridge/tracker";
import { collectDefaultMetrics, register } from "prom-client";
import { createAnchorFile } from "./anchor-file.ts";
import { lockFolder } from "./lock.ts";

export interface StandaloneOptions {
  configuration: Configuration;
  /** The configuration file's path. */
  source: string;
  dataFolder: string;
  host: string;
  sessionIdleMs: number;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  /** Who may change the policy by the API. */
  edits: Edits;
  env: NodeJS.ProcessEnv;
  log: Log;
}

export interface Standalone {
  /** Takes up another configuration without dropping a call. Rejects where the policy or the gateway cannot; each then stays as it was. */
  reload(configuration: Configuration): Promise<void>;
}

const MAX_SESSIONS = 10_000;

/** All services in this process, on embedded parts. What is opened last is closed first: calls end before records do. */
export async function startStandalone(scope: Scope, options: StandaloneOptions): Promise<Standalone> {
  const { configuration, dataFolder, edits, log } = options;
  await mkdir(dataFolder, { recursive: true });
  scope.use(lockFolder(dataFolder));
  collectDefaultMetrics({ register });

  const store = scope.use(openLmdbRecordStore({ path: join(dataFolder, "records"), log }));
  const bus = scope.use(await openJournalEventBus({ directory: join(dataFolder, "journal"), log }));
  const policy = await openPolicy(scope, options, bus);
  const anchor = scope.use(createAnchorFile({ path: join(dataFolder, "audit", "anchor.json"), log }));
  const record = scope.use(
    await startRecordService({
      bus,
      store,
      queue: createTimerJobQueue({ log }),
      signer: await loadSigner({ file: join(dataFolder, "audit", "key.pem") }),
      policy: policy.admin,
      edits,
      settings: configuration.record,
      repeatMs: 0,
      onCheckpoint: anchor.keep,
      log,
    }),
  );
  const sessionStore = scope.use(createMemorySessionStore({ ttlMs: options.sessionIdleMs, max: MAX_SESSIONS }));

  const gateway = scope.use(
    await createGateway({
      ...options,
      decisionPoint: policy,
      publisher: bus,
      sessionStore,
      api: record.api,
      checks: { events: () => bus.ping(), records: () => store.ping(), policy: () => policy.ping() },
      registry: register,
    }),
  );
  return {
    async reload(next) {
      // First the rules: a server must not be offered before the policy knows it.
      await policy.fileChanged(next.policy);
      await gateway.reload(next);
      record.reload(next.record);
    },
  };
}

/** The policy on memory and files, with counts that begin anew with the process. */
async function openPolicy(
  scope: Scope,
  { configuration, source, dataFolder, log }: StandaloneOptions,
  publisher: EventPublisher,
): Promise<PolicyService> {
  return scope.use(
    await createPolicyService({
      file: configuration.policy,
      source,
      revisions: scope.use(await openDiskRevisionStore({ directory: join(dataFolder, "policy") })),
      counters: scope.use(createMemoryCounterStore()),
      localCounters: scope.use(createMemoryCounterStore()),
      labels: scope.use(createMemorySessionLabels({ ttlMs: LABELS_TTL_MS })),
      large: scope.use(createWorkerEvaluator({ log })),
      publisher,
      log,
    }),
  );
}
