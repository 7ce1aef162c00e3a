import {
  createLog,
  type EventBus,
  GovernanceError,
  loadEnv,
  type PolicyAdmin,
  runService,
  serveHealth,
} from "@mcp-governance-bridge/shared";
import { loadConfigurationFile, readDotEnv } from "@mcp-governance-bridge/shared/configuration";
import { connectNats, connectNatsEventBus } from "@mcp-governance-bridge/shared/nats";
import { connectMongoRecordStore } from "./adapters/mongo-record-store.ts";
import { createNatsPolicyAdmin } from "./adapters/nats-policy-admin.ts";
import { createGovernanceApi } from "./api/governance-api.ts";
import { databaseOf, Env } from "./config.ts";
import { createTracker } from "./tracker.ts";

const log = createLog("tracker", "info");

await runService(log, async (scope) => {
  const environment = readDotEnv(process.cwd(), process.env);
  const env = loadEnv(Env, environment);
  log.level = env.LOG_LEVEL;

  const file =
    env.GOVERNANCE_CONFIG &&
    (await loadConfigurationFile(env.GOVERNANCE_CONFIG, { env: environment, scope: "tracker" }));
  const database = databaseOf({ env, configured: file ? file.mongodbUri : undefined });
  const store = scope.use(connectMongoRecordStore({ ...database, log }));

  let bus: EventBus | undefined;
  let policy: PolicyAdmin | undefined;
  const pingNats = async (): Promise<void> => {
    if (!bus) throw new Error("not connected yet");
    await bus.ping();
  };
  const askPolicy: PolicyAdmin["ask"] = async (question) => {
    if (!policy) throw new GovernanceError("policy.unavailable", "not connected to NATS yet");
    return policy.ask(question);
  };
  const api = createGovernanceApi({
    store,
    policy: { ask: askPolicy },
    edits: env.ADMIN_TOKEN === undefined ? "off" : { token: env.ADMIN_TOKEN },
    log,
  });
  const checks = { nats: pingNats, mongodb: store.ping };
  const served = scope.use(
    await serveHealth({ checks, host: env.API_HOST, port: env.API_PORT, otherwise: api.handle }),
  );
  log.info({ host: env.API_HOST, port: served.port }, "listening");

  const connection = await connectNats(env.NATS_URL, { name: "tracker", log });
  scope.use({ close: () => connection.close() });
  policy = createNatsPolicyAdmin({ connection, log });
  bus = scope.use(await connectNatsEventBus({ connection, log, replicas: env.REPLICAS }));
  scope.use(await createTracker({ bus, store, log }));
});
