import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Scope, silentLog } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import { serviceMain } from "../../paths.ts";
import { aConfiguration } from "../../system/configuration.ts";
import { dropBucket } from "../../system/distributed.ts";
import { freePort } from "../../system/ports.ts";
import type { Servers } from "../../system/servers.ts";
import { startService } from "../../system/service.ts";
import { takeTurn } from "../../system/turn.ts";
import { type Sample, type SampleOptions, sample } from "./sample.ts";
import { aRequest, governance, rules, SERVER } from "./workload.ts";

const ANSWER_MS = 2_000;

/** The policy service as a process of its own, asked over NATS, counters in Redis, with so many rules. */
export async function decideOverNats(count: number, servers: Servers, options: SampleOptions): Promise<Sample> {
  const scope = new Scope();
  try {
    scope.use(await takeTurn());
    await startPolicy(scope, count, servers);
    const connection = scope.use(await connectNats(servers.natsUrl, { name: "bench", log: silentLog }));
    return await sample(async () => {
      const reply = await connection.request("policy.decide", JSON.stringify(aRequest()), { timeout: ANSWER_MS });
      return reply.json<{ effect: string }>().effect;
    }, options);
  } finally {
    await scope.close();
  }
}

async function startPolicy(scope: Scope, count: number, { natsUrl, redisUrl }: Servers): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bridge-bench-"));
  scope.use({ close: () => rm(folder, { recursive: true, force: true }) });
  const configFile = await aConfiguration(folder, await freePort(), {
    servers: {
      [SERVER]: { transport: "stdio", command: "true", governance: { ...governance, policies: rules(count) } },
    },
  });
  const port = await freePort();
  const bucket = `bench_${randomBytes(4).toString("hex")}`;
  scope.use({ close: () => dropBucket(natsUrl, bucket) });
  const service = await startService({
    command: {
      name: "policy",
      command: process.execPath,
      args: [serviceMain("policy")],
      env: {
        NATS_URL: natsUrl,
        REDIS_URL: redisUrl,
        GOVERNANCE_CONFIG: configFile,
        HEALTH_PORT: String(port),
        POLICY_BUCKET: bucket,
      },
      cwd: folder,
    },
    readyUrl: `http://127.0.0.1:${port}/readyz`,
  });
  scope.use({ close: () => service.process().stop() });
}
