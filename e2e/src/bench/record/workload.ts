import { randomUUID } from "node:crypto";
import type { EventOf, Published } from "@mcp-governance-bridge/shared";

/** The server that all calls of the benchmark go to; nothing else on the bus names it. */
export const SERVER = "bench-record";

const TOOLS = ["search", "read_file", "write_file", "forecast"];
const PRINCIPALS = Array.from({ length: 20 }, (_, index) => `user-${index}`);
const ANSWER = {
  content: [{ type: "text", text: "It rains in Bern, and will go on to do so until Thursday. ".repeat(4) }],
};

/** The two facts of a permitted call with some 300 characters of payload. */
export function aCall(index: number): [decided: Published, completed: Published] {
  const now = new Date().toISOString();
  const callId = randomUUID();
  const call = {
    at: now,
    callId,
    sessionId: `session-${index % 500}`,
    principal: PRINCIPALS[index % PRINCIPALS.length] ?? "",
    client: { name: "bench", version: "1.0.0" },
    server: SERVER,
    method: "tools/call" as const,
    target: TOOLS[index % TOOLS.length] ?? "",
    protocolVersion: "2025-11-25",
    startedAt: now,
  };
  const decisionId = randomUUID();
  const decided: EventOf<"governance.call.decided"> = {
    ...call,
    id: `${callId}.decided`,
    roles: [],
    annotations: null,
    decision: {
      effect: "permit",
      decisionId,
      revision: "r1-0123456789ab",
      rule: null,
      facts: { at: now, labels: [], counters: [{ rule: `${SERVER}.rate_limit`, used: 1, permits: 100_000 }] },
      shadows: [],
      degraded: [],
      obligations: [],
    },
    policyMs: 0.4,
    inputs: payload({ city: "Bern", index }),
    deploymentMode: "unified",
    recording: "full",
    counted: true,
  };
  const completed: EventOf<"governance.call.completed"> = {
    ...call,
    id: `${callId}.completed`,
    decisionId,
    status: "success",
    outcome: { transport: "ok", rpc: null, toolError: false },
    errorMessage: null,
    durationMs: 3.2,
    upstreamMs: 2.1,
    gatewayMs: 0.7,
    outputs: payload(ANSWER),
    masked: [],
    recording: "full",
  };
  return [
    { subject: "governance.call.decided", event: decided },
    { subject: "governance.call.completed", event: completed },
  ];
}

/** So many of them. */
export function* someCalls(count: number): Iterable<Published[]> {
  for (let index = 0; index < count; index += 1) yield aCall(index);
}

function payload(value: object) {
  const text = JSON.stringify(value);
  return { text, size: text.length, truncated: false };
}
