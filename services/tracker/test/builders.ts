import { randomUUID } from "node:crypto";
import type { Batch, EventOf, Payload, Permit, Published, ShadowDenial } from "@mcp-governance-bridge/shared";

export const START = "2026-03-01T10:00:00.000Z";

/** `START` and so many milliseconds. */
export const after = (milliseconds: number): string => new Date(Date.parse(START) + milliseconds).toISOString();

const aPayload = (value: unknown): Payload => {
  const text = JSON.stringify(value);
  return { text, size: text.length, truncated: false };
};

const who = {
  sessionId: "session-1",
  principal: "anonymous",
  client: { name: "inspector", version: "1.0.0" },
  server: "weather",
  method: "tools/call" as const,
  target: "forecast",
  protocolVersion: "2025-11-25",
};

const decided = {
  revision: "r1-0123456789ab",
  facts: { at: START, labels: [], counters: [{ rule: "weather.rate_limit", used: 4, permits: 5 }] },
  shadows: [],
  degraded: [],
};

export const aPermit = (change: Partial<Permit> = {}): Permit => ({
  effect: "permit",
  decisionId: randomUUID(),
  ...decided,
  rule: null,
  obligations: [],
  ...change,
});

/** What the rule `no-rain` would have denied. */
export const aShadow = (change: Partial<ShadowDenial> = {}): ShadowDenial => ({
  rule: "weather.policies.no-rain",
  revision: "r1-0123456789ab",
  code: "policy_rule",
  reason: "No rain",
  ...change,
});

export const aDecided = (change: Partial<EventOf<"governance.call.decided">> = {}) => ({
  subject: "governance.call.decided" as const,
  event: {
    id: randomUUID(),
    at: after(2),
    callId: randomUUID(),
    ...who,
    roles: [],
    annotations: null,
    decision: aPermit(),
    startedAt: START,
    policyMs: 0.4,
    inputs: aPayload({ city: "Bern" }),
    deploymentMode: "hybrid",
    recording: "full" as const,
    counted: true,
    ...change,
  },
});

export const aDenied = (change: Partial<EventOf<"governance.call.decided">> = {}) =>
  aDecided({
    decision: {
      effect: "deny",
      decisionId: randomUUID(),
      ...decided,
      code: "rate_limit",
      rule: "weather.rate_limit",
      reason: "Rate limit exceeded: 5/5 requests per minute",
      retryAfterMs: 1_500,
    },
    ...change,
  });

/** The end of the call that `decided` began. */
export const aCompleted = (
  { event }: ReturnType<typeof aDecided>,
  change: Partial<EventOf<"governance.call.completed">> = {},
) => ({
  subject: "governance.call.completed" as const,
  event: {
    id: randomUUID(),
    at: after(20),
    callId: event.callId,
    ...who,
    decisionId: event.decision.decisionId,
    status: "success" as const,
    outcome: { transport: "ok" as const, rpc: null, toolError: false },
    errorMessage: null,
    startedAt: event.startedAt,
    durationMs: 20,
    upstreamMs: 17,
    gatewayMs: 2.6,
    outputs: aPayload({ content: [{ type: "text", text: "rain" }] }),
    masked: [],
    recording: "full" as const,
    ...change,
  },
});

export const aConfigLoaded = (at: string, names: readonly string[]) => ({
  subject: "governance.config.loaded" as const,
  event: {
    id: randomUUID(),
    at,
    revision: "0123456789ab",
    deploymentMode: "hybrid",
    basePort: 8173,
    servers: names.map((name) => ({
      name,
      transport: "stdio",
      mode: "unified",
      port: 8173,
      rateLimit: 100,
      governance: { mode: "unified", rate_limit: 100, allowed_hours: [9, 10], governance_prefix: "governed" },
    })),
  },
});

/** The policy that revision `number` put in force. */
export const aPolicyChanged = (
  at: string,
  {
    number,
    servers,
    ...change
  }: { number: number; servers: Record<string, object> } & Partial<EventOf<"governance.policy.changed">>,
) => ({
  subject: "governance.policy.changed" as const,
  event: {
    id: `policy.${number}`,
    at,
    number,
    revision: `r${number}-0123456789ab`,
    origin: "edit" as const,
    who: "ada",
    why: "incident 7",
    changes: [{ path: "servers.weather.rate_limit", before: "100", after: "7" }],
    document: JSON.stringify({ global: {}, packs: [], servers }),
    candidate: null,
    ...change,
  },
});

export const aCatalogue = (at: string, server: string, tools: readonly string[]) => ({
  subject: "governance.catalogue.changed" as const,
  event: {
    id: randomUUID(),
    at,
    server,
    tools: tools.map((name) => ({
      name,
      publicName: `governed_${name}`,
      description: `does ${name}`,
      definition: JSON.stringify({ name, inputSchema: { $schema: "x", type: "object" } }),
    })),
  },
});

export const anUpstreamChange = (at: string, server: string, state: "connected" | "disconnected") => ({
  subject: "governance.upstream.changed" as const,
  event: { id: randomUUID(), at, server, state, reason: null },
});

export const aBatch = (...events: Published[]): Batch => ({ events, dead: [], redelivered: 0 });
