import { GovernanceError } from "@mcp-governance-bridge/shared";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPolicyFailure } from "./policy-failure.ts";

const AWAY = new GovernanceError("policy.unavailable", "away");

test("the mode local gives as many permits in any minute as it may, and no fewer than there is room for", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(40_000), { maxLength: 40 }), (local, gaps) => {
      let now = 0;
      const decide = createPolicyFailure(
        () => ({ local }),
        () => now,
      );
      const permits: number[] = [];
      for (const gap of gaps) {
        now += gap;
        const inWindow = permits.filter((at) => at > now - 60_000).length;
        const decision = decide(AWAY);
        expect(decision.effect).toBe(inWindow < local ? "permit" : "deny");
        if (decision.effect === "permit") permits.push(now);
      }
    }),
  );
});

test("the mode local says how long until there is room again", () => {
  let now = 0;
  const decide = createPolicyFailure(
    () => ({ local: 1 }),
    () => now,
  );
  decide(AWAY);
  now = 20_000;
  expect(decide(AWAY)).toMatchObject({ effect: "deny", retryAfterMs: 40_000 });
  now = 60_000;
  expect(decide(AWAY)).toMatchObject({ effect: "permit" });
});
