import { Env as GatewayEnv } from "@mcp-governance-bridge/gateway";
import { LogLevel } from "@mcp-governance-bridge/shared";
import { type Edits, Env as TrackerEnv } from "@mcp-governance-bridge/tracker";

/** What `npm start` takes from the environment; everything else is its command line's. */
export const Env = GatewayEnv.pick({ ALLOWED_HOSTS: true, ALLOWED_ORIGINS: true, SESSION_IDLE_MINUTES: true }).extend({
  ADMIN_TOKEN: TrackerEnv.shape.ADMIN_TOKEN.describe(
    "What whoever changes anything by the API must present as bearer token; without it, anybody on this machine may",
  ),
  LOG_LEVEL: LogLevel.default("warn").describe("Least severe log line that is written"),
});

const LOOPBACK = ["127.0.0.1", "::1", "localhost"];

/** Without a token, whoever may edit the file may edit the policy: this machine's users, and nobody from elsewhere. */
export function editsBy({ token, host }: { token: string | undefined; host: string }): Edits {
  if (token !== undefined) return { token };
  return LOOPBACK.includes(host) ? "open" : "off";
}
