import { describe, expect, test } from "vitest";
import { aBatch, aDecided, aDenied, after, aPermit, aShadow } from "../../test/builders.ts";
import { documentOf, find, now } from "../../test/writes.ts";
import { toWrites } from "./to-writes.ts";

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
