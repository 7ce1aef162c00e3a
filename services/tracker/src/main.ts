import type { RequestListener } from "node:http";
import {
  createLog,
  type EventBus,
  GovernanceError,
  loadEnv,
  runService,
  serveHealth,
} from "@mcp-governance-bridge/shared";
import {
  loadConfigurationFile,
  RecordSettings,
  readDotEnv,
  watchConfigurationFile,
} from "@mcp-governance-bridge/shared/configuration";
import { connectNats, connectNatsEventBus, DUPLICATE_WINDOW_MS } from "@mcp-governance-bridge/shared/nats";
import { createBullJobQueue } from "./adapters/bullmq-job-queue.ts";
import { connectMongoRecordStore } from "./adapters/mongo-record-store.ts";
import { createNatsPolicyAdmin } from "./adapters/nats-policy-admin.ts";
import { loadSigner } from "./audit/signer.ts";
import { databaseOf, Env } from "./config.ts";
import { type RecordService, startRecordService } from "./record-service.ts";

const log = createLog("tracker", "info");

const JSON_TYPE = { "content-type": "application/json" };
const { message: error, code } = new GovernanceError("audit.unavailable", "the tracker has not reached NATS yet");
const NOT_STARTED = JSON.stringify({ status: "error", error, code });

await runService(log, async (scope) => {
  const environment = readDotEnv(process.cwd(), process.env);
  const env = loadEnv(Env, environment);
  log.level = env.LOG_LEVEL;

  const path = env.GOVERNANCE_CONFIG;
  const fileOptions = { env: environment, scope: "tracker" } as const;
  const file = path === undefined ? undefined : await loadConfigurationFile(path, fileOptions);
  const store = scope.use(connectMongoRecordStore({ ...databaseOf({ env, configured: file?.mongodbUri }), log }));
  const signer = await loadSigner({ file: env.AUDIT_KEY_FILE });

  let bus: EventBus | undefined;
  let service: RecordService | undefined;
  const pingNats = async (): Promise<void> => {
    if (!bus) throw new Error("not connected yet");
    await bus.ping();
  };
  // Before that it could not be recorded who reads the record.
  const otherwise: RequestListener = (request, response) =>
    service ? service.api.handle(request, response) : void response.writeHead(503, JSON_TYPE).end(NOT_STARTED);
  const checks = { nats: pingNats, mongodb: store.ping };
  const served = scope.use(await serveHealth({ checks, host: env.API_HOST, port: env.API_PORT, otherwise }));
  log.info({ host: env.API_HOST, port: served.port }, "listening");

  const connection = await connectNats(env.NATS_URL, { name: "tracker", log });
  scope.use({ close: () => connection.close() });
  bus = scope.use(await connectNatsEventBus({ connection, log, replicas: env.REPLICAS }));
  service = scope.use(
    await startRecordService({
      bus,
      store,
      queue: createBullJobQueue({ url: env.REDIS_URL, prefix: env.JOBS_PREFIX, log }),
      signer,
      policy: createNatsPolicyAdmin({ connection, log }),
      edits: env.ADMIN_TOKEN === undefined ? "off" : { token: env.ADMIN_TOKEN },
      settings: file?.record ?? RecordSettings.parse({}),
      repeatMs: DUPLICATE_WINDOW_MS,
      log,
    }),
  );

  if (path === undefined || file === undefined) return;
  const { reload } = service;
  const watched = watchConfigurationFile(path, { ...fileOptions, loaded: file }, (result) => {
    if ("error" in result) log.error({ err: result.error, path }, "the changed configuration is not taken");
    else reload(result.configuration.record);
  });
  scope.use(watched);
});
