import { describe, expect, test } from "vitest";
import {
  aBatch,
  aCatalogue,
  aCompleted,
  aConfigLoaded,
  aDecided,
  aDenied,
  after,
  aPermit,
  aPolicyChanged,
  aShadow,
  START,
} from "../../test/builders.ts";
import type { Write } from "../record-store.ts";
import { toWrites } from "./to-writes.ts";

const now = new Date("2026-03-01T12:00:00.000Z");
const documentOf = ({ set, setOnInsert }: Write) => ({ ...setOnInsert, ...set });
const find = (writes: Write[], collection: string) => writes.filter((write) => write.collection === collection);

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
      environment: { deployment_mode: "hybrid", governance_enabled: true, detailed_tracking: true },
      denial: null,
      document_type: "tool_log",
      stored_at: now,
    });
  });

  test("is one write for a call that ended in the same batch", () => {
    const decided = aDecided();
    const calls = find(toWrites(aBatch(decided, aCompleted(decided)), now), "tool_logs");
    expect(calls).toHaveLength(1);
    expect(documentOf(calls[0]!)).toMatchObject({
      event_type: "tool_completion",
      status: "success",
      end_time: new Date(after(20)),
      duration_ms: 20,
      policy_ms: 0.4,
      upstream_ms: 17,
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

describe("the record of a decision", () => {
  test("row 72: names the denial, its session and its client", () => {
    const denied = aDenied();
    const [log] = find(toWrites(aBatch(denied), now), "governance_logs");
    expect(log?.id).toBe(denied.event.decision.decisionId);
    expect(documentOf(log!)).toMatchObject({
      decision: "denied",
      policy_violation: "rate_limit",
      rule: "weather.rate_limit",
      retry_after_ms: 1_500,
      reason: "Rate limit exceeded: 5/5 requests per minute",
      revision: "r1-0123456789ab",
      call_id: denied.event.callId,
      session_id: "session-1",
      client: { name: "inspector", version: "1.0.0" },
      principal: "anonymous",
      policy_ms: 0.4,
      governance_version: "1.0",
      timestamp: new Date(after(2)),
    });
  });

  test("has no violation where the call was allowed, and says which rule allowed it", () => {
    const obligation = { kind: "truncate" as const, rule: "results.short", maxCharacters: 100 };
    const decision = aPermit({ rule: "policies.all", obligations: [obligation] });
    const [log] = find(toWrites(aBatch(aDecided({ decision })), now), "governance_logs");
    expect(documentOf(log!)).toMatchObject({
      decision: "allowed",
      policy_violation: null,
      reason: null,
      rule: "policies.all",
      obligations: [obligation],
    });
  });

  test("row 71: is one document, allowed or denied, with the same members", () => {
    const logs = find(toWrites(aBatch(aDecided(), aDenied()), now), "governance_logs");
    const [allowed, denied] = logs.map((write) => Object.keys(documentOf(write)).sort());
    expect(logs).toHaveLength(2);
    expect(allowed).toEqual(denied);
  });

  test("has what the decision was made from", () => {
    const facts = { at: after(1), labels: ["private_data"], counters: [{ rule: "a.b", used: 1, permits: 2 }] };
    const decision = aPermit({ facts });
    const [log] = find(toWrites(aBatch(aDecided({ decision })), now), "governance_logs");
    expect(log?.set.facts).toEqual({ ...facts, at: new Date(after(1)) });
    const unreached = aPermit({ facts: null, revision: "none" });
    const [other] = find(toWrites(aBatch(aDecided({ decision: unreached })), now), "governance_logs");
    expect(other?.set).toMatchObject({ facts: null, revision: "none" });
  });

  test("tells what rules on trial would have denied, and which rules were not asked", () => {
    const degraded = [{ rule: "weather.rate_limit", dependency: "counters" as const, mode: "open" as const }];
    const decision = aPermit({ shadows: [aShadow()], degraded });
    const [log] = find(toWrites(aBatch(aDecided({ decision })), now), "governance_logs");
    expect(log?.set).toMatchObject({ shadow_denied: true, shadows: [aShadow()], degraded });
    const [plain] = find(toWrites(aBatch(aDecided()), now), "governance_logs");
    expect(plain?.set).toMatchObject({ shadow_denied: false, shadows: [], degraded: [] });
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

describe("the record of a policy", () => {
  const change = {
    number: 12,
    servers: { weather: { rate_limit: 7, high_security: true, allowed_hours: [], security_level: "high" } },
  };

  test("is one document for each revision, with who, why and what differs", () => {
    const changed = aPolicyChanged(START, change);
    const [revision] = find(toWrites(aBatch(changed, changed), now), "policy_revisions");
    expect(revision?.id).toBe("r12-0123456789ab");
    expect(documentOf(revision!)).toMatchObject({
      number: 12,
      origin: "edit",
      who: "ada",
      why: "incident 7",
      changes: [{ path: "servers.weather.rate_limit", before: "100", after: "7" }],
      document: { servers: { weather: { rate_limit: 7 } } },
      candidate: null,
      timestamp: new Date(START),
      document_type: "policy_revision",
    });
  });

  test("rows 91 and 93: puts the settings in force into governance_configs", () => {
    const writes = toWrites(aBatch(aPolicyChanged(START, change)), now);
    const inForce = { rate_limit: 7, policy_revision: "r12-0123456789ab", policy_at: new Date(START) };
    expect(find(writes, "governance_configs").map(documentOf)).toMatchObject([
      { server_name: "weather", high_security: true, allowed_hours: [], security_level: "high", ...inForce },
    ]);
  });

  test("keeps documents with keys and sizes that MongoDB refuses", () => {
    const dotted = aPolicyChanged(START, { number: 1, servers: { "a.b": {} } });
    const [revision] = find(toWrites(aBatch(dotted), now), "policy_revisions");
    expect(revision?.set.document).toEqual({ _json: dotted.event.document });

    const long = JSON.stringify("ü".repeat(5_000_000));
    const huge = aPolicyChanged(START, {
      number: 2,
      servers: {},
      document: long,
      candidate: long,
      changes: [{ path: "global", before: long, after: long }],
    });
    const [kept] = find(toWrites(aBatch(huge), now), "policy_revisions");
    expect(Buffer.byteLength(JSON.stringify(kept?.set))).toBeLessThan(16 * 1_048_576);
    expect(kept?.set.changes).toMatchObject({ _truncated: true });
  });

  test("is kept also where its document is no policy", () => {
    const odd = aPolicyChanged(START, { number: 3, servers: {}, document: "{" });
    const writes = toWrites(aBatch(odd), now);
    expect(writes.map(({ collection }) => collection)).toEqual(["policy_revisions"]);
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
  const writes = toWrites({ events: [], dead: [letter, letter] }, now);
  expect(writes).toHaveLength(1);
  expect(documentOf(writes[0]!)).toMatchObject({ ...letter, document_type: "dead_letter", timestamp: now });
});
