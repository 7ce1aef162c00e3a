import { createLog, loadEnv, runService, serveHealth } from "@mcp-governance-bridge/shared";
import {
  loadConfigurationFile,
  readDotEnv,
  type WatchResult,
  watchConfigurationFile,
} from "@mcp-governance-bridge/shared/configuration";
import { connectNats, connectNatsEventBus, pingNats } from "@mcp-governance-bridge/shared/nats";
import { createMemoryCounterStore } from "./adapters/memory-counter-store.ts";
import { serveDecisions } from "./adapters/nats-decision-server.ts";
import { createNatsRevisionStore } from "./adapters/nats-revision-store.ts";
import { createNatsSessionLabels } from "./adapters/nats-session-labels.ts";
import { connectRedisCounterStore } from "./adapters/redis-counter-store.ts";
import { createWorkerEvaluator } from "./adapters/worker-evaluator.ts";
import { Env, LABELS_TTL_MS } from "./config.ts";
import { policyProblems } from "./policy-problems.ts";
import { createPolicyService, type PolicyService } from "./policy-service.ts";

const log = createLog("policy", "info");

await runService(log, async (scope) => {
  const environment = readDotEnv(process.cwd(), process.env);
  const env = loadEnv(Env, environment);
  log.level = env.LOG_LEVEL;

  const source = env.GOVERNANCE_CONFIG;
  const options = { scope: "policy", env: environment, problemsOf: policyProblems } as const;
  const configuration = await loadConfigurationFile(source, options);
  for (const warning of configuration.warnings) log.warn(warning);

  let policy: PolicyService | undefined;
  const pingPolicy = async (): Promise<void> => {
    if (!policy) throw new Error("no policy is in force yet");
    await policy.ping();
  };
  const counters = scope.use(await connectRedisCounterStore(env.REDIS_URL, log));
  const connecting = connectNats(env.NATS_URL, { name: "policy", log });
  const checks = { nats: async () => pingNats(await connecting), redis: () => counters.ping(), policy: pingPolicy };
  scope.use(await serveHealth({ host: env.HEALTH_HOST, port: env.HEALTH_PORT, checks }));

  const connection = await connecting;
  scope.use({ close: () => connection.close() });
  const distributed = { connection, log, replicas: env.REPLICAS };
  const bus = scope.use(await connectNatsEventBus(distributed));
  const service = scope.use(
    await createPolicyService({
      file: configuration.policy,
      source,
      revisions: scope.use(createNatsRevisionStore({ ...distributed, bucket: env.POLICY_BUCKET })),
      counters,
      localCounters: scope.use(createMemoryCounterStore()),
      labels: scope.use(createNatsSessionLabels({ ...distributed, ttlMs: LABELS_TTL_MS })),
      large: scope.use(createWorkerEvaluator({ log })),
      publisher: bus,
      log,
    }),
  );
  policy = service;

  async function takeFile(result: WatchResult): Promise<void> {
    try {
      if ("error" in result) throw result.error;
      for (const warning of result.configuration.warnings) log.warn(warning);
      await service.fileChanged(result.configuration.policy);
    } catch (error) {
      log.error({ err: error, source }, "the changed configuration is not taken; the last good policy stays in force");
    }
  }
  scope.use(watchConfigurationFile(source, { ...options, loaded: configuration }, (result) => void takeFile(result)));
  scope.use(await serveDecisions({ connection, policy: service, log }));
  log.info({ servers: configuration.servers.length }, "policy decides");
});
