import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import {
  GlobalPolicySettings,
  PolicyDocument,
  ServerPolicySettings,
} from "@mcp-governance-bridge/shared/configuration";
import type { z } from "zod";

/** A request that no rule objects to; a test names only what matters to it. */
export function aRequest(overrides: Partial<DecisionRequest> = {}): DecisionRequest {
  return {
    callId: "0b6f2a5e-8f0e-4f3a-9b8e-2f1d3c4b5a60",
    sessionId: "session-1",
    principal: "anonymous",
    roles: [],
    client: null,
    server: "weather",
    method: "tools/call",
    target: "get_forecast",
    arguments: { city: "Oslo" },
    ...overrides,
  };
}

/** Settings as a file has them, before defaults are filled in. */
export interface DocumentParts {
  global?: z.input<typeof GlobalPolicySettings>;
  /** Of the server `weather`. */
  server?: z.input<typeof ServerPolicySettings> & { disabled?: boolean };
  packs?: z.input<typeof PolicyDocument>["packs"];
}

/** A document of one server, `weather`, in UTC, with the defaults of the file and what the test changes of them. */
export function aDocument({ global = {}, server = {}, packs = [] }: DocumentParts = {}): PolicyDocument {
  const { disabled = false, ...settings } = server;
  return PolicyDocument.parse({
    global: GlobalPolicySettings.parse({ time_zone: "UTC", ...global }),
    servers: { weather: { ...ServerPolicySettings.parse(settings), disabled } },
    packs,
  });
}
