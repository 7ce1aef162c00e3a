import { LogLevel, Port, RedisUrl } from "@mcp-governance-bridge/shared";
import { z } from "zod";

/** Milliseconds after its last use at which the labels of a session are forgotten. */
export const LABELS_TTL_MS = 7 * 86_400_000;

/** What the policy service takes from its environment. */
export const Env = z.object({
  NATS_URL: z.string().default("nats://127.0.0.1:4222").describe("NATS servers, separated by commas"),
  REDIS_URL: RedisUrl.default("redis://127.0.0.1:6379").describe(
    "Redis that keeps the rate counters; redis+cluster://host:port,host:port for a cluster",
  ),
  GOVERNANCE_CONFIG: z
    .string()
    .default("config/mcp_governance_config.json")
    .describe("the configuration file whose governance settings apply"),
  HEALTH_HOST: z.string().default("127.0.0.1").describe("address on which /healthz, /readyz and /metrics are served"),
  HEALTH_PORT: Port.default(8191).describe("port of the same"),
  REPLICAS: z.coerce.number().int().min(1).max(5).default(1).describe("copies of what NATS keeps, in a NATS cluster"),
  POLICY_BUCKET: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, underscores and hyphens")
    .default("policy_revisions")
    .describe("key-value bucket of NATS that keeps the policy's revisions"),
  LOG_LEVEL: LogLevel.default("info").describe("least severe level that is logged"),
});
