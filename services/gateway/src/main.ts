import { createLog, loadEnv, runService } from "@mcp-governance-bridge/shared";
import { loadConfigurationFile, readDotEnv, watchConfigurationFile } from "@mcp-governance-bridge/shared/configuration";
import { connectNats, connectNatsEventBus } from "@mcp-governance-bridge/shared/nats";
import { collectDefaultMetrics, register } from "prom-client";
import { createHttpGovernanceApi } from "./adapters/http-governance-api.ts";
import { createNatsDecisionPoint } from "./adapters/nats-decision-point.ts";
import { createNatsSessionStore } from "./adapters/nats-session-store.ts";
import { Env } from "./config.ts";
import { createGateway } from "./gateway.ts";
import { takeUp } from "./take-up.ts";

const log = createLog("gateway", "info");
const BYTES_PER_MB = 2 ** 20;
const spoolOf = (directory: string, megabytes: number) => ({ directory, maxBytes: megabytes * BYTES_PER_MB });

await runService(log, async (scope) => {
  const environment = readDotEnv(process.cwd(), process.env);
  const env = loadEnv(Env, environment);
  log.level = env.LOG_LEVEL;

  const fileOptions = { scope: "gateway", env: environment } as const;
  const configuration = await loadConfigurationFile(env.GOVERNANCE_CONFIG, fileOptions);
  for (const warning of configuration.warnings) log.warn(warning);

  const connection = await connectNats(env.NATS_URL, { name: "gateway", log });
  scope.use({ close: () => connection.close() });
  const spool =
    env.SPOOL_DIR === undefined ? {} : { spool: spoolOf(env.SPOOL_DIR, env.SPOOL_MAX_MB), registry: register };
  const bus = scope.use(await connectNatsEventBus({ connection, log, replicas: env.REPLICAS, ...spool }));
  const ttlMs = env.SESSION_IDLE_MINUTES * 60_000;
  const sessionStore = scope.use(createNatsSessionStore({ connection, ttlMs, replicas: env.REPLICAS, log }));
  const decisionPoint = scope.use(createNatsDecisionPoint({ connection, timeoutMs: env.POLICY_TIMEOUT_MS, log }));

  collectDefaultMetrics({ register });
  const gateway = scope.use(
    await createGateway({
      configuration,
      host: env.HOST,
      allowedHosts: env.ALLOWED_HOSTS,
      allowedOrigins: env.ALLOWED_ORIGINS,
      decisionPoint,
      publisher: bus,
      sessionStore,
      api: createHttpGovernanceApi(env.TRACKER_URL, log),
      checks: { policy: () => decisionPoint.ping(), events: () => bus.ping() },
      env: process.env,
      registry: register,
      log,
    }),
  );
  const watchOptions = { ...fileOptions, loaded: configuration };
  scope.use(watchConfigurationFile(env.GOVERNANCE_CONFIG, watchOptions, (result) => takeUp(gateway, result, log)));
});
