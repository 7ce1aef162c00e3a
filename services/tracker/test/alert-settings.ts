import { type Alerts, RecordSettings } from "@mcp-governance-bridge/shared/configuration";

/** `governance.alerts` with its defaults. */
export function alertSettings(alerts: unknown): Alerts {
  return RecordSettings.parse({ alerts }).alerts;
}
