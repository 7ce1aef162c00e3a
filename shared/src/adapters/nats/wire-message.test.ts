import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { anEvent, SUBJECT } from "../../../test/an-event.ts";
import { type EventOf, events } from "../../events.ts";
import { toWire } from "./wire-message.ts";

const aCompletion = (text: string): EventOf<"governance.call.completed"> => ({
  id: "call-1",
  at: new Date().toISOString(),
  callId: randomUUID(),
  sessionId: "session-1",
  principal: "anonymous",
  client: null,
  server: "weather",
  method: "tools/call",
  target: "forecast",
  decisionId: randomUUID(),
  protocolVersion: null,
  status: "success",
  outcome: { transport: "ok", rpc: null, toolError: false },
  errorMessage: null,
  startedAt: new Date().toISOString(),
  durationMs: 1,
  upstreamMs: 1,
  gatewayMs: null,
  recording: "full",
  outputs: { text, size: text.length, truncated: false },
  masked: [],
});

test("an event goes as it is, under its id", () => {
  const event = anEvent();
  expect(toWire(SUBJECT, event, 10_000)).toEqual({ subject: SUBJECT, id: event.id, payload: JSON.stringify(event) });
});

test.each(["x", "\u0000", "\ud800", "😀"])(
  "one too large for the wire loses the tail of its payload, and says so: %j",
  (character) => {
    const event = aCompletion(character.repeat(50_000));
    const { payload } = toWire("governance.call.completed", event, 50_000);
    expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(50_000);
    const { outputs } = events["governance.call.completed"].parse(JSON.parse(payload));
    expect(outputs).toMatchObject({ truncated: true, size: event.outputs?.size });
  },
);

test("one that is too large even so is refused", () => {
  expect(() => toWire(SUBJECT, anEvent({ reason: "x".repeat(2_000) }), 1_000)).toThrow("max_payload");
});
