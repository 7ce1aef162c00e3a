import type { EventOf } from "@mcp-governance-bridge/shared";
import type { ServerGovernance } from "@mcp-governance-bridge/shared/configuration";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { expect, test } from "vitest";
import { aDenial, aPermit, aServer, aSessionState } from "../../test/builders.ts";
import { Session } from "../front/session.ts";
import { readUpstreamMessage } from "../jsonrpc/message.ts";
import type { GovernedCall } from "./governed-call.ts";
import { createTrail, type Ending } from "./trail.ts";

const aCall = (governance: Partial<ServerGovernance>): GovernedCall => ({
  callId: "5b8f6a1e-0f0e-4f3a-9b8e-2f1d3c4b5a60",
  session: new Session("key", aSessionState()),
  server: aServer({}, governance),
  method: "tools/call",
  target: "forecast",
  arguments: { city: "Bern" },
  argumentsText: '{"city":"Bern"}',
  annotations: undefined,
  startedAt: new Date(),
  startedMs: performance.now() - 40,
  policyMs: 0,
});

const answered: Ending & { upstreamMs: number } = {
  answer: readUpstreamMessage('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}'),
  upstreamMs: 10,
};

/** What is told of one call of a server with these settings. */
async function toldOf(
  governance: Partial<ServerGovernance>,
  { tracking = true, decision = aPermit, ending = answered }: Partial<Parameters> = {},
) {
  const bus = createMemoryEventBus();
  const trail = createTrail(bus, () => ({ deploymentMode: "unified", enableTracking: tracking }));
  const call = aCall(governance);
  await trail.decided(call, decision, 5);
  if (decision.effect === "permit") trail.completed(call, decision.decisionId, ending);
  const [decided, completed] = bus.published.map(({ event }) => event);
  return {
    decided: decided as EventOf<"governance.call.decided">,
    completed: completed as EventOf<"governance.call.completed"> | undefined,
  };
}

interface Parameters {
  tracking: boolean;
  decision: typeof aPermit | ReturnType<typeof aDenial>;
  ending: Ending & { upstreamMs: number };
}

test("a call is recorded in full, with the version its client speaks and its time split in three", async () => {
  const { decided, completed } = await toldOf({});
  expect(decided).toMatchObject({ recording: "full", counted: true, policyMs: 5, protocolVersion: "2025-11-25" });
  expect(decided.inputs?.text).toBe('{"city":"Bern"}');
  expect(completed?.outputs?.text).toBe('{"content":[]}');
  const { durationMs = 0, upstreamMs = 0, gatewayMs = 0 } = completed ?? {};
  expect((gatewayMs ?? 0) + upstreamMs + decided.policyMs).toBeCloseTo(durationMs, 2);
});

test("row 77: log_inputs and log_outputs leave out what they name", async () => {
  expect((await toldOf({ log_inputs: false })).decided.inputs).toBeNull();
  expect((await toldOf({ log_inputs: false })).completed?.outputs).not.toBeNull();
  expect((await toldOf({ log_outputs: false })).completed?.outputs).toBeNull();
});

test("row 76: max_log_size keeps the beginning and says how much there was", async () => {
  const { decided } = await toldOf({ max_log_size: 6 });
  expect(decided.inputs).toEqual({ text: '{"city', size: 15, truncated: true });
});

test("row 78: without detailed_tracking neither inputs nor outputs leave the gateway", async () => {
  const { decided, completed } = await toldOf({ detailed_tracking: false });
  expect(decided).toMatchObject({ recording: "outline", inputs: null });
  expect(completed?.outputs).toBeNull();
});

test("row 79: without enable_tool_logging a permitted call leaves its decision alone", async () => {
  const { decided, completed } = await toldOf({ enable_tool_logging: false });
  expect(decided).toMatchObject({ recording: "decision", inputs: null });
  expect(completed).toBeUndefined();
});

test("row 12: without enable_tracking calls are neither logged nor counted, and denials are told all the same", async () => {
  expect((await toldOf({}, { tracking: false })).completed).toBeUndefined();
  const { decided } = await toldOf({}, { tracking: false, decision: aDenial() });
  expect(decided).toMatchObject({ recording: "decision", counted: false, decision: { effect: "deny" } });
});

test("a result that a rule denied is told even where calls are not logged", async () => {
  const { completed } = await toldOf({ enable_tool_logging: false }, { ending: { ...answered, isDenied: true } });
  expect(completed).toMatchObject({ status: "denied", outputs: null });
});

test("row 80: without track_api_usage a call is recorded and not counted", async () => {
  const { decided } = await toldOf({ track_api_usage: false });
  expect(decided).toMatchObject({ recording: "full", counted: false });
});
