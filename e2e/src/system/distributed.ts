import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { silentLog } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import { MongoClient } from "mongodb";
import { ADMIN_TOKEN } from "../client/policies.ts";
import { serviceMain } from "../paths.ts";
import type { Settings } from "./configuration.ts";
import { freePorts } from "./ports.ts";
import type { Servers } from "./servers.ts";
import type { ServiceOptions } from "./service.ts";
import { type Ground, type System, startSystem } from "./system.ts";
import { takeTurn } from "./turn.ts";

export interface DistributedSystem extends System {
  /** The database, and the bucket of its policy's revisions, that only this system writes; dropped with it. */
  database: string;
}

/** How many processes of each service; 1 unless said otherwise. */
export interface Replicas {
  gateway?: number;
  policy?: number;
  tracker?: number;
}

/**
 * Gateway, policy and tracker as processes of their own on real servers; ready when this resolves. One at a time on a machine.
 * The first of each service has its plain name, the second is `gateway-2` and listens on 127.0.0.2, and so on.
 */
export async function startDistributed(
  settings: Settings,
  servers: Servers,
  replicas: Replicas = {},
): Promise<DistributedSystem> {
  const database = `e2e_${randomBytes(6).toString("hex")}`;
  const system = await startSystem(settings, async (ground) => {
    ground.scope.use(await takeTurn());
    ground.scope.use({ close: () => dropDatabase(servers.mongodbUri, database) });
    ground.scope.use({ close: () => dropBucket(servers.natsUrl, database) });
    return servicesOn(ground, { ...servers, database }, replicas);
  });
  return { ...system, database };
}

/** Policy first, then trackers, then gateways, each with ports of its own. */
async function servicesOn(
  { folder, basePort, configFile }: Ground,
  { natsUrl, redisUrl, mongodbUri, database }: Servers & { database: string },
  { gateway = 1, policy = 1, tracker = 1 }: Replicas,
): Promise<ServiceOptions[]> {
  const apiPorts = await freePorts(tracker);
  const env = {
    NATS_URL: natsUrl,
    REDIS_URL: redisUrl,
    MONGODB_URI: mongodbUri,
    MONGODB_DATABASE: database,
    POLICY_BUCKET: database,
    JOBS_PREFIX: database,
    AUDIT_KEY_FILE: join(folder, "audit.pem"),
    SPOOL_DIR: join(folder, "spool"),
    GOVERNANCE_CONFIG: configFile,
    TRACKER_URL: `http://127.0.0.1:${apiPorts[0]}`,
    ADMIN_TOKEN,
  };
  const service = (kind: string, index: number, place: { at: string; env: Record<string, string> }) => ({
    command: {
      name: index === 0 ? kind : `${kind}-${index + 1}`,
      command: process.execPath,
      args: [serviceMain(kind)],
      env: { ...env, ...place.env },
      cwd: folder,
    },
    readyUrl: `http://${place.at}/readyz`,
  });
  return [
    ...(await freePorts(policy)).map((port, index) =>
      service("policy", index, { at: `127.0.0.1:${port}`, env: { HEALTH_PORT: String(port) } }),
    ),
    ...apiPorts.map((port, index) =>
      service("tracker", index, { at: `127.0.0.1:${port}`, env: { API_PORT: String(port) } }),
    ),
    ...Array.from({ length: gateway }, (_, index) => `127.0.0.${index + 1}`).map((host, index) =>
      service("gateway", index, { at: `${host}:${basePort}`, env: { HOST: host } }),
    ),
  ];
}

/** Forgets a bucket of the key-value store. */
export async function dropBucket(url: string, bucket: string): Promise<void> {
  const connection = await connectNats(url, { name: "e2e", log: silentLog });
  try {
    await connection.request(`$JS.API.STREAM.DELETE.KV_${bucket}`);
  } finally {
    await connection.close();
  }
}

async function dropDatabase(uri: string, name: string): Promise<void> {
  const client = new MongoClient(uri);
  try {
    await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
}
