import { Env as GatewayEnv } from "@mcp-governance-bridge/gateway";
import { LogLevel } from "@mcp-governance-bridge/shared";

/** What `npm start` takes from the environment; everything else is its command line's. */
export const Env = GatewayEnv.pick({ ALLOWED_HOSTS: true, ALLOWED_ORIGINS: true, SESSION_IDLE_MINUTES: true }).extend({
  LOG_LEVEL: LogLevel.default("warn").describe("Least severe log line that is written"),
});
