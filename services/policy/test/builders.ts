import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import { type Configuration, ServerGovernance } from "@mcp-governance-bridge/shared/configuration";

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

/** A configuration of one server, `weather`, with the defaults of the file and what the test changes of them. */
export function aConfiguration(governance: Partial<ServerGovernance> = {}): Configuration {
  return {
    revision: "0123456789ab",
    deploymentMode: "unified",
    basePort: 8173,
    mongodbUri: undefined,
    authDisabled: true,
    enableTracking: true,
    enableDashboard: true,
    servers: [
      {
        name: "weather",
        transport: { kind: "stdio", command: "weather", args: [], env: {} },
        timeoutMs: 60_000,
        disabled: false,
        port: 8173,
        governance: ServerGovernance.parse(governance),
      },
    ],
    warnings: [],
  };
}
