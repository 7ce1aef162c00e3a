import { randomBytes } from "node:crypto";
import { MongoClient } from "mongodb";
import { serviceMain } from "../paths.ts";
import type { Settings } from "./configuration.ts";
import { freePorts } from "./ports.ts";
import type { Servers } from "./servers.ts";
import type { ServiceOptions } from "./service.ts";
import { type System, startSystem } from "./system.ts";
import { takeTurn } from "./turn.ts";

export interface DistributedSystem extends System {
  /** The database that only this system writes; dropped with it. */
  database: string;
}

/** Gateway, policy and tracker as processes of their own on real servers; ready when this resolves. One at a time on a machine. */
export async function startDistributed(settings: Settings, servers: Servers): Promise<DistributedSystem> {
  const database = `e2e_${randomBytes(6).toString("hex")}`;
  const [apiPort = 0, healthPort = 0] = await freePorts(2);
  const system = await startSystem(settings, async ({ folder, basePort, configFile, scope }) => {
    scope.use(await takeTurn());
    scope.use({ close: () => dropDatabase(servers.mongodbUri, database) });
    const env = {
      NATS_URL: servers.natsUrl,
      REDIS_URL: servers.redisUrl,
      MONGODB_URI: servers.mongodbUri,
      MONGODB_DATABASE: database,
      GOVERNANCE_CONFIG: configFile,
      HOST: "127.0.0.1",
      TRACKER_URL: `http://127.0.0.1:${apiPort}`,
      API_PORT: String(apiPort),
      HEALTH_PORT: String(healthPort),
    };
    const service = (name: string, port: number): ServiceOptions => ({
      command: { name, command: process.execPath, args: [serviceMain(name)], env, cwd: folder },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
    return [service("policy", healthPort), service("tracker", apiPort), service("gateway", basePort)];
  });
  return { ...system, database };
}

async function dropDatabase(uri: string, name: string): Promise<void> {
  const client = new MongoClient(uri);
  try {
    await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
}
