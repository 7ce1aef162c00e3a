import type { PatternPack } from "@mcp-governance-bridge/shared/configuration";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyRules, redact, truncate, withhold } from "../../test/a-rule.ts";
import { aPermit, aPermitWith } from "../../test/builders.ts";
import { createRulesOf } from "./rules-of.ts";

const aPack = (id: string, pattern: string): PatternPack => ({
  name: "projects",
  description: "names of projects",
  patterns: [{ id, pattern }],
  attacks: [],
  lookalikes: [],
});

const NO_PACKS: PatternPack[] = [];

const text = (value: string) => JSON.stringify({ content: [{ type: "text", text: value }] });

describe("the rules of a permit", () => {
  test("are none where nothing is asked of results", () => {
    const rulesOf = createRulesOf(() => NO_PACKS);
    expect(rulesOf(aPermit)).toBeUndefined();
    expect(rulesOf(aPermitWith({ kind: "report", labels: ["a"], leases: [] }))).toBeUndefined();
  });

  test("are compiled once for all permits that ask for the same", () => {
    const rulesOf = createRulesOf(() => NO_PACKS);
    const rules = rulesOf(aPermitWith(redact({ patterns: ["a"] })));
    expect(rulesOf(aPermitWith(redact({ patterns: ["a"] })))).toBe(rules);
    expect(rulesOf(aPermitWith(redact({ patterns: ["b"] })))).not.toBe(rules);
  });

  test("cut last, whatever their order, since half of a secret would not be found", () => {
    const rules = createRulesOf(() => NO_PACKS)(aPermitWith(truncate(5), withhold(), redact()));
    expect(rules?.map(({ action }) => action)).toEqual(["withhold", "redact", "truncate"]);
  });

  test("look for the operator's own packs as they are at the moment, by the names of their patterns", () => {
    let packs = [aPack("secret", "atlantis")];
    const rulesOf = createRulesOf(() => packs);
    const applied = (value: string) =>
      applyRules(text(value), rulesOf(aPermitWith(redact({ packs: ["projects"] }))) ?? []);
    expect(applied("about ATLANTIS")).toMatchObject({
      text: text("about [masked]"),
      masked: [{ pattern: "projects/secret", pointer: "/content/0/text", count: 1 }],
    });
    packs = [aPack("other", "el dorado")];
    expect(applied("about ATLANTIS").masked).toEqual([]);
    expect(applied("about El Dorado").masked).toMatchObject([{ pattern: "projects/other" }]);
  });

  test("cannot be had where a pack is not known", () => {
    const rulesOf = createRulesOf(() => NO_PACKS);
    expect(() => rulesOf(aPermitWith(redact({ packs: ["nowhere"] })))).toThrow("pack nowhere");
  });
});

describe("looking at many leaves together", () => {
  const rules = createRulesOf(() => NO_PACKS)(aPermitWith(redact({ patterns: ["s3cr3t", "pin: \\d+"] }))) ?? [];
  const oneByOne = rules.map((rule) => ({ ...rule, mayFind: () => true }));
  const value = fc.oneof(
    fc.constantFrom("s3cr3t", "a s3cr3t b", 1234, "czNjcjN0", `{"pin":1}`, "pin:", "1"),
    fc.string(),
  );

  test("finds what looking at each alone finds", () => {
    const tree = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        value,
        fc.array(tie("tree"), { maxLength: 80 }),
        fc.dictionary(fc.constantFrom("pin", "s3cr3t", "a", "b"), tie("tree")),
      ),
    })).tree;
    fc.assert(
      fc.property(tree, (structuredContent) => {
        const given = JSON.stringify({ structuredContent });
        expect(applyRules(given, rules)).toEqual(applyRules(given, oneByOne));
      }),
    );
  });

  test("finds the one among thousands", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => (index === 7_777 ? "s3cr3t" : `value ${index}`));
    const { masked } = applyRules(JSON.stringify({ structuredContent: { many } }), rules);
    expect(masked).toMatchObject([{ pointer: "/structuredContent/many/7777", count: 1 }]);
  });
});
