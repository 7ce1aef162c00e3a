import type { Log } from "@mcp-governance-bridge/shared";
import type { WatchResult } from "@mcp-governance-bridge/shared/configuration";
import type { Gateway } from "./gateway.ts";

/** Follows the configuration file: what can be used is taken up, and what cannot leaves the last good one in force. */
export function takeUp(gateway: Pick<Gateway, "reload">, result: WatchResult, log: Log): void {
  if ("error" in result) {
    log.error(`the last good configuration stays in force: ${result.error.message}`);
    return;
  }
  for (const warning of result.configuration.warnings) log.warn(warning);
  gateway.reload(result.configuration).catch((error: unknown) => {
    log.error({ err: error }, "the configuration cannot be taken up, the last good one stays in force");
  });
}
