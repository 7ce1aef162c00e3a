import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aDocument, aRequest, type DocumentParts } from "../../test/builders.ts";
import { someDocument, someLabels, someRequest, someRules } from "../../test/random-policies.ts";
import { situationOf } from "./condition.ts";
import { judge } from "./judge.ts";
import { compileLabels } from "./label-rules.ts";
import { createPlanner, planOf } from "./plan.ts";
import { compileRules } from "./policy-rules.ts";

const now = new Date("2026-01-15T12:30:00Z");

function judged(
  parts: DocumentParts,
  request: DecisionRequest = aRequest(),
  session: readonly string[] | undefined = [],
) {
  const document = aDocument(parts);
  const plan = createPlanner(compileRules(document, "weather"), compileLabels(document, "weather"))(request);
  const situation = situationOf(request, { now, labels: session ?? [] });
  const { default_effect: effect, failure_modes } = document.global;
  return judge(plan, { situation, own: plan.labels, session }, { effect, labels: failure_modes.labels });
}

type Rules = NonNullable<NonNullable<DocumentParts["global"]>["policies"]>;

const byRules = (...policies: Rules) => judged({ global: { policies } });

describe("rules", () => {
  test("row 66: a rule denies by tool, with its reason", () => {
    const judgement = byRules({ id: "calm", effect: "deny", tools: ["get_*"], reason: "Not today" });
    expect(judgement.refusal).toEqual({ code: "policy_rule", rule: "policies.calm", reason: "Not today" });
  });

  test("of a server have its name before theirs", () => {
    const { refusal } = judged({ server: { policies: [{ id: "calm", effect: "deny" }] } });
    expect(refusal).toMatchObject({
      rule: "weather.policies.calm",
      reason: "The rule weather.policies.calm does not allow this call",
    });
  });

  test("about another server say nothing", () => {
    expect(byRules({ id: "x", effect: "deny", servers: ["b*"] }).refusal).toBeUndefined();
    expect(byRules({ id: "x", effect: "deny", servers: ["w*"] }).refusal).toBeDefined();
  });

  test("deny before they require approval, and that before they allow", () => {
    const allow = { id: "a", effect: "allow" } as const;
    const approve = { id: "b", effect: "require_approval" } as const;
    const deny = { id: "c", effect: "deny" } as const;
    expect(byRules(allow, approve, deny).refusal).toMatchObject({ rule: "policies.c" });
    expect(byRules(allow, approve).refusal).toMatchObject({ code: "approval_required", rule: "policies.b" });
    expect(byRules(allow)).toMatchObject({ refusal: undefined, rule: "policies.a" });
    expect(byRules()).toMatchObject({ refusal: undefined, rule: null });
  });

  test("that require approval say that it cannot be given yet and who can help", () => {
    expect(byRules({ id: "b", effect: "require_approval", reason: "Payments need a person" }).refusal?.reason).toBe(
      "Payments need a person (approvals cannot be given yet; the operator of this gateway can change the rule policies.b)",
    );
  });

  test("by default allow, or deny where the file says so", () => {
    expect(judged({}).refusal).toBeUndefined();
    expect(judged({ global: { default_effect: "deny" } }).refusal).toEqual({
      code: "policy_default",
      rule: "governance.default_effect",
      reason: "No rule of the policy allows this call",
    });
  });
});

describe("a rule whose condition cannot be evaluated", () => {
  const failing = { id: "x", when: "args.amount > 1" } as const;

  test("denies, saying so, unless it is open", () => {
    expect(byRules({ ...failing, effect: "deny", reason: "Too much" }).refusal?.reason).toBe(
      "Too much (the rule's condition could not be evaluated)",
    );
    expect(byRules({ ...failing, effect: "require_approval" }).refusal).toMatchObject({ code: "approval_required" });
    expect(byRules({ ...failing, effect: "deny", on_failure: "open" })).toMatchObject({
      refusal: undefined,
      degraded: [{ rule: "policies.x", dependency: "condition", mode: "open" }],
    });
  });

  test("does not allow", () => {
    const policies = [{ ...failing, effect: "allow" as const }];
    expect(judged({ global: { default_effect: "deny", policies } }).refusal).toMatchObject({ code: "policy_default" });
  });
});

describe("flows", () => {
  const parts: DocumentParts = {
    global: {
      policies: [{ id: "trifecta", effect: "deny", closes: ["private_data", "sends_out"] }],
      labels: [
        { tools: ["read_*"], labels: ["private_data"] },
        { tools: ["send_*"], labels: ["sends_out"] },
        { tools: ["send_private"], labels: ["private_data"] },
      ],
    },
  };
  const call = (target: string, session?: readonly string[]) => judged(parts, aRequest({ target }), session);

  test("are closed by the call that completes them", () => {
    expect(call("send_mail", []).refusal).toBeUndefined();
    expect(call("read_mail", ["private_data"]).refusal).toBeUndefined();
    expect(call("send_mail", ["private_data"]).refusal).toEqual({
      code: "information_flow",
      rule: "policies.trifecta",
      reason: "The rule policies.trifecta does not allow private_data, sends_out to come together in one session",
    });
    expect(call("read_mail", ["sends_out"]).refusal).toBeDefined();
  });

  test("are no matter of calls without one of their labels", () => {
    expect(call("get_forecast", ["private_data", "sends_out"]).refusal).toBeUndefined();
  });

  test("may be closed by one call alone", () => {
    expect(call("send_private", []).refusal).toBeDefined();
  });

  test("that cannot be known are taken to be closed, unless labels are open", () => {
    const open: DocumentParts = { global: { ...parts.global, failure_modes: { labels: "open" } } };
    const request = aRequest({ target: "send_mail" });
    const situation = situationOf(request, { now, labels: [] });
    const ask = (given: DocumentParts) => {
      const document = aDocument(given);
      const plan = planOf(request, compileRules(document, "weather"), compileLabels(document, "weather"));
      const defaults = { effect: "allow", labels: document.global.failure_modes.labels } as const;
      return judge(plan, { situation, own: plan.labels, session: undefined }, defaults);
    };
    expect(ask(parts).refusal).toMatchObject({ code: "labels_unavailable", rule: "policies.trifecta" });
    expect(ask(open)).toMatchObject({
      refusal: undefined,
      degraded: [{ rule: "policies.trifecta", dependency: "labels", mode: "open" }],
    });
  });
});

describe("rules on trial", () => {
  test("say what they would have denied, and deny nothing", () => {
    const judgement = byRules({ id: "new", effect: "deny", shadow: true });
    expect(judgement.refusal).toBeUndefined();
    expect(judgement.shadows).toEqual([
      { rule: "policies.new", code: "policy_rule", reason: "The rule policies.new does not allow this call" },
    ]);
  });

  test("say nothing of calls that are denied anyway, nor where they would allow", () => {
    const trial = { id: "new", effect: "deny", shadow: true } as const;
    expect(byRules(trial, { id: "old", effect: "deny" }).shadows).toEqual([]);
    expect(byRules({ ...trial, effect: "allow" }).shadows).toEqual([]);
  });
});

describe("whatever the rules", () => {
  const effectOf = (parts: DocumentParts, request: DecisionRequest, labels: readonly string[]) =>
    judged(parts, request, labels).refusal === undefined ? "permit" : "deny";

  test("one deny rule that matches decides", () => {
    fc.assert(
      fc.property(someDocument, someRequest, someLabels, (parts, request, labels) => {
        const policies = [...(parts.global?.policies ?? []), { id: "no", effect: "deny" as const }];
        expect(effectOf({ ...parts, global: { ...parts.global, policies } }, request, labels)).toBe("deny");
      }),
    );
  });

  test("a further rule that restricts permits nothing more", () => {
    fc.assert(
      fc.property(someDocument, someRules(["deny", "require_approval"]), someRequest, someLabels, (...given) => {
        const [parts, [rule], request, labels] = given;
        fc.pre(rule !== undefined && effectOf(parts, request, labels) === "deny");
        const policies = [...(parts.global?.policies ?? []), { ...rule, id: "further" }];
        expect(effectOf({ ...parts, global: { ...parts.global, policies } }, request, labels)).toBe("deny");
      }),
    );
  });

  test("their order makes no difference to the effect", () => {
    fc.assert(
      fc.property(someDocument, fc.gen(), someRequest, someLabels, (...given) => {
        const [parts, generate, request, labels] = given;
        const policies = parts.global?.policies ?? [];
        const shuffled = generate(fc.shuffledSubarray, policies, { minLength: policies.length });
        const other = { ...parts, global: { ...parts.global, policies: shuffled } };
        expect(effectOf(other, request, labels)).toBe(effectOf(parts, request, labels));
      }),
    );
  });

  test("those on trial make no difference to the effect", () => {
    fc.assert(
      fc.property(someDocument, someRequest, someLabels, (parts, request, labels) => {
        const earnest = (rules: Rules = []) => rules.filter(({ shadow }) => !shadow);
        const without = {
          global: { ...parts.global, policies: earnest(parts.global?.policies) },
          server: { ...parts.server, policies: earnest(parts.server?.policies) },
        };
        const { shadows: _, ...expected } = judged(without, request, labels);
        expect(judged(parts, request, labels)).toMatchObject(expected);
      }),
    );
  });

  test("a plan remembered is the plan that asking every rule gives", () => {
    fc.assert(
      fc.property(someDocument, fc.array(someRequest, { minLength: 2, maxLength: 20 }), (parts, requests) => {
        const document = aDocument(parts);
        const rules = compileRules(document, "weather");
        const labels = compileLabels(document, "weather");
        const remembered = createPlanner(rules, labels);
        for (const request of requests) expect(remembered(request)).toEqual(planOf(request, rules, labels));
      }),
    );
  });
});
