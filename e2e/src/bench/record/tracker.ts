import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EventBus, type Scope, silentLog } from "@mcp-governance-bridge/shared";
import { connectNats, connectNatsEventBus } from "@mcp-governance-bridge/shared/nats";
import { MongoClient } from "mongodb";
import { serviceMain } from "../../paths.ts";
import { type Cable, layCable } from "../../system/cable.ts";
import { freePort } from "../../system/ports.ts";
import type { Servers } from "../../system/servers.ts";
import { type Service, startService } from "../../system/service.ts";
import { takeTurn } from "../../system/turn.ts";
import { until } from "../../system/until.ts";
import { SERVER } from "./workload.ts";

/** A tracker in a process of its own, with what publishes to it and what it has written. */
export interface RunningTracker {
  bus: EventBus;
  /** Of its API. */
  url: string;
  database: string;
  service: Service;
  /** The way from the tracker to MongoDB. */
  cable: Cable;
  /** Calls of the benchmark on record, and those of them that have an end. */
  recorded(): Promise<{ calls: number; ended: number }>;
}

/** What others left on the stream is behind it when this resolves. */
export async function startTracker(scope: Scope, { natsUrl, redisUrl, mongodbUri }: Servers): Promise<RunningTracker> {
  scope.use(await takeTurn());
  const folder = await mkdtemp(join(tmpdir(), "bridge-bench-"));
  scope.use({ close: () => rm(folder, { recursive: true, force: true }) });
  const database = `bench_${randomBytes(6).toString("hex")}`;
  const client = new MongoClient(mongodbUri);
  scope.use({ close: () => client.close() });
  const db = client.db(database);
  scope.use({ close: async () => void (await db.dropDatabase()) });
  const uri = new URL(mongodbUri);
  const cable = scope.use(await layCable(uri.host));
  uri.host = cable.address;

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const service = await startService({
    command: {
      name: "tracker",
      command: process.execPath,
      args: [serviceMain("tracker")],
      env: {
        NATS_URL: natsUrl,
        REDIS_URL: redisUrl,
        JOBS_PREFIX: database,
        AUDIT_KEY_FILE: join(folder, "audit.pem"),
        MONGODB_URI: uri.href,
        MONGODB_DATABASE: database,
        API_PORT: String(port),
      },
      cwd: folder,
    },
    readyUrl: `${url}/readyz`,
  });
  scope.use({ close: () => service.process().stop() });

  const connection = await connectNats(natsUrl, { name: "bench", log: silentLog });
  scope.use({ close: () => connection.close() });
  const bus = scope.use(await connectNatsEventBus({ connection, log: silentLog }));
  await until(() => isIdle(url), { what: "the tracker has nothing left to record", withinMs: 60_000, everyMs: 200 });

  const calls = db.collection("tool_logs");
  return {
    bus,
    url,
    database,
    service,
    cable,
    async recorded() {
      const [all, ended] = await Promise.all([
        calls.countDocuments({ server_name: SERVER }),
        calls.countDocuments({ server_name: SERVER, event_type: "tool_completion" }),
      ]);
      return { calls: all, ended };
    },
  };
}

/** As the tracker's own metric says. */
async function isIdle(url: string): Promise<boolean> {
  const response = await fetch(`${url}/metrics`);
  const [, backlog] = /^tracker_backlog(?:{[^}]*})? (\d+)/m.exec(await response.text()) ?? [];
  return backlog === "0";
}
