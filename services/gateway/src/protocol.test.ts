import { expect, test } from "vitest";
import { Env } from "./config.ts";
import { DENIAL_META, LATEST_VERSION, LOG_LEVELS, VERSIONS } from "./protocol.ts";

test("the protocol versions stay, newest first", () => {
  expect(VERSIONS).toEqual(["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]);
  expect(LATEST_VERSION).toBe("2025-11-25");
});

test("the key of a denial's facts stays", () => {
  expect(DENIAL_META).toBe("mcp-governance-bridge/denial");
});

test("the log levels are MCP's, least severe first", () => {
  expect(LOG_LEVELS).toEqual(["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]);
});

test("the names of the environment stay", () => {
  expect(Object.keys(Env.shape)).toEqual([
    "GOVERNANCE_CONFIG",
    "HOST",
    "ALLOWED_HOSTS",
    "ALLOWED_ORIGINS",
    "NATS_URL",
    "TRACKER_URL",
    "SPOOL_DIR",
    "SPOOL_MAX_MB",
    "SESSION_IDLE_MINUTES",
    "POLICY_TIMEOUT_MS",
    "REPLICAS",
    "LOG_LEVEL",
  ]);
  for (const field of Object.values(Env.shape)) expect(field.description).toBeTruthy();
});
