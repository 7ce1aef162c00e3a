import { loadEnv } from "@mcp-governance-bridge/shared";
import { expect, test } from "vitest";
import { Env } from "./config.ts";

test("the environment of the policy service is this", () => {
  expect(loadEnv(Env, {})).toEqual({
    NATS_URL: "nats://127.0.0.1:4222",
    REDIS_URL: "redis://127.0.0.1:6379",
    GOVERNANCE_CONFIG: "config/mcp_governance_config.json",
    HEALTH_HOST: "127.0.0.1",
    HEALTH_PORT: 8191,
    REPLICAS: 1,
    POLICY_BUCKET: "policy_revisions",
    LOG_LEVEL: "info",
  });
});
