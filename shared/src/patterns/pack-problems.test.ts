import { describe, expect, test } from "vitest";
import type { PatternPack } from "../configuration/policy-document.ts";
import { packProblems } from "./pack-problems.ts";

const aPack = (changes: Partial<PatternPack> = {}): PatternPack => ({
  name: "ours",
  description: "What we do not want",
  patterns: [{ id: "zap", pattern: "\\bzap\\b" }],
  attacks: ["zap it", { deep: [{ zap: 1 }] }],
  lookalikes: ["zapper"],
  ...changes,
});

describe("the operator's packs", () => {
  test("have no problems where all is well", () => {
    expect(
      packProblems([aPack(), aPack({ name: "theirs", extends: "ours" }), aPack({ name: "more", extends: "secrets" })]),
    ).toEqual([]);
  });

  test.each<[string, PatternPack[], (string | number)[], string]>([
    ["a built-in name", [aPack({ name: "secrets" })], [0, "name"], '"secrets" is a built-in pack'],
    ["a name that is taken", [aPack(), aPack()], [1, "name"], '"ours" is the name of another pack too'],
    ["itself extended", [aPack({ extends: "ours" })], [0, "extends"], '"ours" extends itself'],
    [
      "a pattern's id that is taken",
      [aPack({ patterns: [...aPack().patterns, ...aPack().patterns] })],
      [0, "patterns", 1, "id"],
      '"zap" is the id of another pattern too',
    ],
    [
      "a pattern that RE2 does not know",
      [aPack({ patterns: [{ id: "zap", pattern: "(?=zap)" }] })],
      [0, "patterns", 0, "pattern"],
      "invalid or unsupported Perl syntax: `(?=`",
    ],
    ["an attack that is not found", [aPack({ attacks: ["zip"] })], [0, "attacks", 0], 'no pattern finds "zip"'],
    [
      "a look-alike that is found",
      [aPack({ lookalikes: ["zip", "Zap!"] })],
      [0, "lookalikes", 1],
      'ours/zap is found in "Zap!"',
    ],
  ])("are told %s", (_what, own, ...[path, message]) => {
    expect(packProblems(own)).toEqual([{ path, message }]);
  });

  test("are told an unknown pack and which there are", () => {
    const [problem] = packProblems([aPack({ extends: "secret" })]);
    expect(problem?.path).toEqual([0, "extends"]);
    expect(problem?.message).toMatch(/^there is no pack "secret"; known are cloud-metadata, .*ours.*, secrets$/);
  });

  test("are told a circle at each pack in it", () => {
    const circle = [
      aPack({ name: "a", extends: "b" }),
      aPack({ name: "b", extends: "a" }),
      aPack({ name: "c", extends: "a" }),
    ];
    expect(packProblems(circle).map(({ path }) => path)).toEqual([
      [0, "extends"],
      [1, "extends"],
    ]);
  });

  test("are told all at once, long texts cut short", () => {
    const problems = packProblems([aPack({ attacks: ["x".repeat(500)] }), aPack({ name: "b", lookalikes: ["zap"] })]);
    expect(problems.map(({ path }) => path)).toEqual([
      [0, "attacks", 0],
      [1, "lookalikes", 0],
    ]);
    expect(problems[0]?.message.length).toBeLessThan(100);
  });

  test("that are too large together are told so", () => {
    const patterns = Array.from({ length: 12 }, (_, index) => ({ id: `p${index}`, pattern: "a{900}" }));
    const [problem] = packProblems([aPack({ patterns, attacks: [], lookalikes: [] })]);
    expect(problem).toEqual({ path: [0, "patterns"], message: expect.stringContaining("too large together") });
  });
});
