import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { policyProblems } from "@mcp-governance-bridge/policy";
import { createLog, loadEnv, runService } from "@mcp-governance-bridge/shared";
import {
  DEFAULT_CONFIGURATION_FILE,
  loadConfigurationFile,
  readDotEnv,
  type WatchResult,
  watchConfigurationFile,
} from "@mcp-governance-bridge/shared/configuration";
import { readArguments, USAGE } from "./arguments.ts";
import { Env, editsBy } from "./config.ts";
import { startStandalone } from "./standalone.ts";
import { welcome } from "./welcome.ts";

const EXAMPLE = join("config", DEFAULT_CONFIGURATION_FILE);

const log = createLog("bridge", "warn");

await runService(log, async (scope) => {
  const given = readArguments(process.argv.slice(2));
  if (given.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const dataFolder = resolve(given.data);
  // The example configuration keeps its upstreams' files beside the records.
  const places = { MCP_FILES_DIR: join(dataFolder, "files"), MEMORY_FILE_PATH: join(dataFolder, "memory.jsonl") };
  const environment = { ...places, ...readDotEnv(process.cwd(), process.env) };
  const env = loadEnv(Env, environment);
  log.level = env.LOG_LEVEL;

  const source = given.config ?? (existsSync(DEFAULT_CONFIGURATION_FILE) ? DEFAULT_CONFIGURATION_FILE : EXAMPLE);
  const options = { scope: "all", env: environment, problemsOf: policyProblems } as const;
  const configuration = await loadConfigurationFile(source, options);
  for (const warning of configuration.warnings) log.warn(warning);
  await mkdir(environment.MCP_FILES_DIR, { recursive: true });

  const bridge = await startStandalone(scope, {
    configuration,
    source,
    dataFolder,
    host: given.host,
    sessionIdleMs: env.SESSION_IDLE_MINUTES * 60_000,
    allowedHosts: env.ALLOWED_HOSTS,
    allowedOrigins: env.ALLOWED_ORIGINS,
    edits: editsBy({ token: env.ADMIN_TOKEN, host: given.host }),
    env: process.env,
    log,
  });

  async function takeFile(result: WatchResult): Promise<void> {
    try {
      if ("error" in result) throw result.error;
      for (const warning of result.configuration.warnings) log.warn(warning);
      await bridge.reload(result.configuration);
    } catch (error) {
      log.error({ err: error, source }, "the changed configuration is not taken; the last good one stays in force");
    }
  }
  scope.use(watchConfigurationFile(source, { ...options, loaded: configuration }, (result) => void takeFile(result)));
  console.log(welcome({ configuration, source, dataFolder: given.data, host: given.host }));
});
