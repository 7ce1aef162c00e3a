import { createLog, loadEnv, runService, serveHealth } from "@mcp-governance-bridge/shared";
import { loadConfigurationFile, readDotEnv } from "@mcp-governance-bridge/shared/configuration";
import { connectNats, pingNats } from "@mcp-governance-bridge/shared/nats";
import { serveDecisions } from "./adapters/nats-decision-server.ts";
import { connectRedisCounterStore } from "./adapters/redis-counter-store.ts";
import { compilePolicies } from "./compile-policies.ts";
import { Env } from "./config.ts";
import { createDecisionPoint } from "./decision-point.ts";
import { measureDecisions } from "./measure-decisions.ts";
import { policyProblems } from "./policy-problems.ts";

const log = createLog("policy", "info");

await runService(log, async (scope) => {
  const environment = readDotEnv(process.cwd(), process.env);
  const env = loadEnv(Env, environment);
  log.level = env.LOG_LEVEL;

  const configuration = await loadConfigurationFile(env.GOVERNANCE_CONFIG, {
    scope: "governance",
    env: environment,
    problemsOf: policyProblems,
  });
  for (const warning of configuration.warnings) log.warn(warning);
  const policies = compilePolicies(configuration);
  const counters = scope.use(await connectRedisCounterStore(env.REDIS_URL, log));
  const decisionPoint = measureDecisions(createDecisionPoint({ policies, counters, now: () => new Date(), log }));

  const connecting = connectNats(env.NATS_URL, { name: "policy", log });
  const checks = { nats: async () => pingNats(await connecting), redis: () => counters.ping() };
  scope.use(await serveHealth({ host: env.HEALTH_HOST, port: env.HEALTH_PORT, checks }));

  const connection = scope.use(await connecting);
  scope.use(await serveDecisions({ connection, decisionPoint, log }));
  log.info({ revision: policies.revision, servers: policies.servers.size }, "policy decides");
});
