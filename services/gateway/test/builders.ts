import type { Denial, Obligation, Permit } from "@mcp-governance-bridge/shared";
import {
  type Configuration,
  GlobalPolicySettings,
  RecordSettings,
  type Server,
  ServerGovernance,
} from "@mcp-governance-bridge/shared/configuration";
import type { DecisionPoint, SessionState } from "../src/ports.ts";

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

/** A configuration of these servers in which policy has nothing to say. */
export function aConfiguration(changes: Partial<Configuration> = {}): Configuration {
  return {
    revision: "0123456789ab",
    deploymentMode: "unified",
    basePort: 8173,
    mongodbUri: undefined,
    authDisabled: true,
    enableTracking: true,
    enableDashboard: true,
    servers: [],
    policy: { global: GlobalPolicySettings.parse({}), servers: {}, packs: [] },
    onPolicyFailure: "closed",
    record: RecordSettings.parse({}),
    warnings: [],
    ...changes,
  };
}

export const aPermit: Permit = {
  effect: "permit",
  decisionId: "3f0e5b1a-54a5-4d4c-9b8d-0d8f5f5a1c11",
  revision: "r1-0123456789ab",
  rule: null,
  facts: null,
  shadows: [],
  degraded: [],
  obligations: [],
};

/** A permit that asks for this in return. */
export function aPermitWith(...obligations: Obligation[]): Permit {
  return { ...aPermit, obligations };
}

/** A decision point that permits everything, shows everything and keeps every report. */
export function aDecisionPoint(changes: Partial<DecisionPoint> = {}): DecisionPoint {
  return {
    decide: async () => aPermit,
    async completed() {},
    visible: async () => ({ revision: aPermit.revision, hidden: [] }),
    onRevision() {},
    async ping() {},
    async close() {},
    ...changes,
  };
}

export function aDenial(changes: Partial<Denial> = {}): Denial {
  return {
    effect: "deny",
    decisionId: "8b0a52cf-6d7c-4f4b-8a53-6f6f1a1f0c22",
    revision: "r1-0123456789ab",
    facts: null,
    shadows: [],
    degraded: [],
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
    roles: [],
    client: { name: "test", version: "1.0.0" },
    protocolVersion: "2025-11-25",
    capabilities: {},
    logLevel: null,
    listener: "8173",
    ...changes,
  };
}
