import type { Decision, Denial } from "@mcp-governance-bridge/shared";
import { type Server, ServerGovernance } from "@mcp-governance-bridge/shared/configuration";
import type { SessionState } from "../src/ports.ts";

/** A stdio server of the configuration under the prefix that is its name; a test names only what matters to it. */
export function aServer(changes: Partial<Server> = {}, governance: Partial<ServerGovernance> = {}): Server {
  const name = changes.name ?? "weather";
  return {
    name,
    transport: { kind: "stdio", command: "weather", args: [], env: {} },
    timeoutMs: 5_000,
    disabled: false,
    port: 8173,
    ...changes,
    governance: ServerGovernance.parse({ governance_prefix: name, ...governance }),
  };
}

export const aPermit: Decision = {
  effect: "permit",
  decisionId: "3f0e5b1a-54a5-4d4c-9b8d-0d8f5f5a1c11",
  revision: "0123456789ab",
  obligations: [],
};

export function aDenial(changes: Partial<Denial> = {}): Denial {
  return {
    effect: "deny",
    decisionId: "8b0a52cf-6d7c-4f4b-8a53-6f6f1a1f0c22",
    revision: "0123456789ab",
    code: "rate_limit",
    rule: "weather.rate_limit",
    reason: "Rate limit exceeded",
    ...changes,
  };
}

export function aSessionState(changes: Partial<SessionState> = {}): SessionState {
  return {
    id: "session-1",
    principal: "anonymous",
    client: { name: "test", version: "1.0.0" },
    protocolVersion: "2025-11-25",
    capabilities: {},
    logLevel: null,
    listener: "8173",
    ...changes,
  };
}
