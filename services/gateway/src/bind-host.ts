import type { Log } from "@mcp-governance-bridge/shared";
import type { Configuration } from "@mcp-governance-bridge/shared/configuration";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * The address to bind. Only `auth_disabled: true` says that nobody is to be asked for credentials;
 * while there are none, anything else is served to this machine alone.
 */
export function bindHost({ authDisabled }: Configuration, host: string, log: Log): string {
  if (authDisabled) {
    if (!LOOPBACK.has(host)) log.warn({ host }, "auth_disabled: whoever reaches this address may call");
    return host;
  }
  log.warn("governance.auth_disabled is not true, but there are no credentials yet: serving loopback only");
  return LOOPBACK.has(host) ? host : "127.0.0.1";
}
