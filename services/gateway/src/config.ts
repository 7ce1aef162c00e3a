import { CommaList, LogLevel } from "@mcp-governance-bridge/shared";
import { z } from "zod";

/** The gateway's static configuration. */
export const Env = z.object({
  GOVERNANCE_CONFIG: z.string().default("config/mcp_governance_config.json").describe("The configuration file"),
  HOST: z.string().default("127.0.0.1").describe("Address that the MCP listeners bind"),
  ALLOWED_HOSTS: CommaList.describe("Host names, besides loopback's, by which clients may call; separated by commas"),
  ALLOWED_ORIGINS: CommaList.describe("Origins whose pages may call, besides those of the hosts; separated by commas"),
  NATS_URL: z.url().default("nats://127.0.0.1:4222").describe("NATS server: decisions, events and sessions"),
  TRACKER_URL: z.url().default("http://127.0.0.1:8192").describe("Where /governance/ requests are passed on to"),
  SPOOL_DIR: z
    .string()
    .optional()
    .describe("Folder for facts that NATS does not take; without it they wait in memory and go with the process"),
  SPOOL_MAX_MB: z.coerce
    .number()
    .min(1)
    .default(256)
    .describe("Megabytes of facts that a gateway may have waiting there; above it calls are refused"),
  SESSION_IDLE_MINUTES: z.coerce.number().min(1).default(60).describe("After this without use a session ends"),
  POLICY_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(10)
    .default(2_000)
    .describe(
      "After this a call without a decision is denied; a policy with large arguments and a Redis that is away may need 1,400",
    ),
  REPLICAS: z.coerce
    .number()
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe("Copies of the event stream and of sessions in a NATS cluster"),
  LOG_LEVEL: LogLevel.default("info").describe("Least severe log line that is written"),
});
