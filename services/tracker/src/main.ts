import { createLog, type EventBus, loadEnv, runService } from "@mcp-governance-bridge/shared";
import { loadConfigurationFile, readDotEnv } from "@mcp-governance-bridge/shared/configuration";
import { connectNats, connectNatsEventBus } from "@mcp-governance-bridge/shared/nats";
import { connectMongoRecordStore } from "./adapters/mongo-record-store.ts";
import { createGovernanceApi } from "./api/governance-api.ts";
import { databaseOf, Env } from "./config.ts";
import { serveApi } from "./serve-api.ts";
import { createTracker } from "./tracker.ts";

const log = createLog("tracker", "info");

await runService(log, async (scope) => {
  const environment = readDotEnv(process.cwd(), process.env);
  const env = loadEnv(Env, environment);
  log.level = env.LOG_LEVEL;

  const file =
    env.GOVERNANCE_CONFIG &&
    (await loadConfigurationFile(env.GOVERNANCE_CONFIG, { env: environment, scope: "governance" }));
  const database = databaseOf({ env, configured: file ? file.mongodbUri : undefined });
  const store = scope.use(connectMongoRecordStore({ ...database, log }));

  let bus: EventBus | undefined;
  const pingNats = async (): Promise<void> => {
    if (!bus) throw new Error("not connected yet");
    await bus.ping();
  };
  const api = createGovernanceApi({ store, log });
  const health = { checks: { nats: pingNats, mongodb: store.ping } };
  const served = scope.use(await serveApi({ api, health, host: env.API_HOST, port: env.API_PORT }));
  log.info({ host: env.API_HOST, port: served.port }, "listening");

  const connection = await connectNats(env.NATS_URL, { name: "tracker", log });
  scope.use({ close: () => connection.close() });
  bus = scope.use(await connectNatsEventBus({ connection, log, replicas: env.REPLICAS }));
  scope.use(await createTracker({ bus, store, log }));
});
