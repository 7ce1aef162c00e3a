import { digestOf } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aBatch, aCatalogue, aCompleted, aConfigLoaded, aDecided, aDenied, after, START } from "../../test/builders.ts";
import { aRecordRead } from "../../test/visits.ts";
import { documentOf, find, now } from "../../test/writes.ts";
import { coalesce } from "../coalesce.ts";
import { toWrites } from "./to-writes.ts";

describe("the record of a call", () => {
  test("that was permitted waits for its end", () => {
    const decided = aDecided();
    const [call] = find(toWrites(aBatch(decided), now), "tool_logs");
    expect(call?.id).toBe(decided.event.callId);
    expect(documentOf(call!)).toMatchObject({
      event_type: "tool_invocation",
      status: "invocation request received",
      server_name: "weather",
      tool_name: "forecast",
      start_time: new Date(START),
      timestamp: new Date(START),
      end_time: null,
      inputs: { city: "Bern" },
      input_size: 15,
      inputs_truncated: false,
      inputs_digest: digestOf('{"city":"Bern"}'),
      outputs_digest: null,
      protocol_version: "2025-11-25",
      era: "initialize",
      counted: true,
      environment: { deployment_mode: "hybrid", governance_enabled: true, detailed_tracking: true },
      denial: null,
      document_type: "tool_log",
      stored_at: now,
    });
  });

  test("is one write for a call that ended in the same batch", () => {
    const decided = aDecided();
    const calls = find(coalesce(toWrites(aBatch(decided, aCompleted(decided)), now)), "tool_logs");
    expect(calls).toHaveLength(1);
    expect(documentOf(calls[0]!)).toMatchObject({
      event_type: "tool_completion",
      status: "success",
      end_time: new Date(after(20)),
      duration_ms: 20,
      policy_ms: 0.4,
      upstream_ms: 17,
      gateway_ms: 2.6,
      inputs: { city: "Bern" },
      outputs: { content: [{ type: "text", text: "rain" }] },
      outcome: { transport: "ok", rpc: null, tool_error: false },
    });
  });

  test("that was denied is complete with its decision", () => {
    const [call] = find(toWrites(aBatch(aDenied()), now), "tool_logs");
    expect(documentOf(call!)).toMatchObject({
      event_type: "tool_completion",
      status: "denied",
      end_time: new Date(after(2)),
      duration_ms: 0.4,
      denial: {
        code: "rate_limit",
        rule: "weather.rate_limit",
        reason: "Rate limit exceeded: 5/5 requests per minute",
      },
    });
  });
});

test("the minutes of calls and decisions are marked, each once", () => {
  const late = aDecided({ startedAt: after(59_999), at: after(60_001) });
  const writes = toWrites(aBatch(aDecided(), late, aCompleted(late), aConfigLoaded(after(999_999), [])), now);
  expect(find(writes, "usage_marks")).toEqual(
    [0, 60_000].map((ms) => ({
      collection: "usage_marks",
      id: after(ms),
      set: { timestamp: new Date(after(ms)), marked_at: now },
      since: { field: "marked_at", at: now },
    })),
  );
});

test("that somebody read the record is kept, whatever they asked for", () => {
  const [read] = find(toWrites(aBatch(aRecordRead({ query: { "a.b": "1" } })), now), "record_reads");
  expect(read?.set).toMatchObject({ reader: "ada", query: { _json: '{"a.b":"1"}' }, timestamp: new Date(START) });
});

describe("what rules took out of a result", () => {
  const masking = { rule: "results.keys", action: "redact" as const, pattern: "secrets/key", pointer: "/a" };

  test("is listed and counted with the call", () => {
    const decided = aDecided();
    const masked = [
      { ...masking, count: 2 },
      { ...masking, pointer: "/b", count: 3 },
    ];
    const [call] = find(toWrites(aBatch(aCompleted(decided, { masked })), now), "tool_logs");
    expect(call?.set).toMatchObject({ masked, masked_count: 5 });
  });

  test("is counted in full where the list is too long to be kept", () => {
    const masked = Array.from({ length: 5_000 }, (_, n) => ({ ...masking, pointer: `/${n}`, count: 1 }));
    const [call] = find(toWrites(aBatch(aCompleted(aDecided(), { masked })), now), "tool_logs");
    expect(call?.set.masked).toHaveLength(1_000);
    expect(call?.set.masked_count).toBe(5_000);
  });
});

test("a configuration becomes a deployment, its servers and their settings", () => {
  const writes = toWrites(aBatch(aConfigLoaded(START, ["weather", "files"])), now);
  expect(find(writes, "deployments").map(documentOf)).toMatchObject([
    { deployment_mode: "hybrid", base_port: 8173, total_servers: 2, status: "ready" },
  ]);
  expect(find(writes, "servers").map((write) => write.id)).toEqual(["weather", "files"]);
  expect(find(writes, "governance_configs").map(documentOf)[0]).toMatchObject({
    server_name: "weather",
    rate_limit: 100,
    allowed_hours: [9, 10],
    security_level: null,
    revision: "0123456789ab",
    enabled_at: new Date(START),
  });
});

test("a tool keeps its parameters, and a name longer than a key its digest", () => {
  const writes = toWrites(aBatch(aCatalogue(START, "files", ["read", "x".repeat(3_000)])), now);
  const [read, long] = find(writes, "server_tools");
  expect(read).toMatchObject({ id: "files/read", set: { public_name: "governed_read", is_active: true } });
  expect(read?.set.parameters).toEqual({ _json: '{"$schema":"x","type":"object"}' });
  expect(long?.id).toMatch(/^[0-9a-f]{64}$/);
});

test("a message that cannot be processed is kept once", () => {
  const letter = { subject: "governance.call.decided", payload: "{", reason: "not JSON" };
  const writes = coalesce(toWrites({ events: [], dead: [letter, letter] }, now));
  expect(writes).toHaveLength(1);
  expect(documentOf(writes[0]!)).toMatchObject({ ...letter, status: "dead", redriven_at: null, timestamp: now });
});
