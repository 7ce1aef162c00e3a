import { describe, expect, test } from "vitest";
import { checkPattern, checkPatternsTogether } from "./check-pattern.ts";
import { builtInPacks, resolvePacks } from "./packs.ts";
import { compileSearch } from "./search.ts";

const packs = resolvePacks([]);
const searchOf = (name: string) => compileSearch(packs.get(name)?.patterns ?? []);
const byName = builtInPacks.map((pack) => [pack.name, pack] as const);
const OF_ARGUMENTS = ["credentials", "destructive-shell", "destructive-sql", "code-execution"];

test("row 60: the built-in packs are there, and those of the security levels among them", () => {
  expect([...packs.keys()].sort()).toEqual([
    "cloud-metadata",
    "code-execution",
    "credentials",
    "destructive-shell",
    "destructive-sql",
    "path-traversal",
    "personal-data",
    "secrets",
  ]);
});

describe.each(byName)("row 60: the pack %s", (name, pack) => {
  const search = searchOf(name);

  test("has usable patterns, each named once", () => {
    expect(pack.patterns.map(({ pattern }) => checkPattern(pattern)).filter(Boolean)).toEqual([]);
    expect(checkPatternsTogether(pack.patterns.map(({ pattern }) => pattern))).toBeUndefined();
    expect(new Set(pack.patterns.map(({ id }) => id)).size).toBe(pack.patterns.length);
  });

  test("finds each attack of its corpus", () => {
    expect(pack.attacks.length).toBeGreaterThanOrEqual(25);
    expect(pack.attacks.filter((attack) => search.find(attack) === undefined)).toEqual([]);
  });

  test("finds none of its look-alikes", () => {
    expect(pack.lookalikes.length).toBeGreaterThanOrEqual(25);
    expect(pack.lookalikes.flatMap((one) => search.find(one)?.pattern.name ?? [])).toEqual([]);
  });

  test("has no pattern that no attack needs", () => {
    const needed = new Set(
      packs.get(name)?.patterns.filter((pattern) => {
        const alone = compileSearch([pattern]);
        return pack.attacks.some((attack) => alone.find(attack) !== undefined);
      }),
    );
    expect(packs.get(name)?.patterns.filter((pattern) => !needed.has(pattern))).toEqual([]);
  });
});

test.each(OF_ARGUMENTS)("the look-alikes of %s are nothing to the other packs for arguments either", (name) => {
  const others = compileSearch(
    OF_ARGUMENTS.filter((other) => other !== name).flatMap((other) => packs.get(other)?.patterns ?? []),
  );
  const hits = packs.get(name)?.lookalikes.flatMap((one) => others.find(one)?.pattern.name ?? []);
  expect(hits).toEqual([]);
});

test("S6: what slipped through the seed's patterns is found", () => {
  const search = compileSearch(OF_ARGUMENTS.flatMap((name) => packs.get(name)?.patterns ?? []));
  const slipped: unknown[] = [
    { password: "hunter2" },
    { api_key: "abc" },
    "password='x'",
    { config: '{"password": "x"}' },
    "drop\ntable",
    "DROP\tTABLE",
    "rm -fr x",
    "rm -r -f x",
    "DROP/**/TABLE",
    "DRОP TАBLE",
  ];
  expect(slipped.filter((one) => search.find(one) === undefined)).toEqual([]);
});

test("S7: what the seed's patterns refused without reason passes", () => {
  const search = compileSearch(OF_ARGUMENTS.flatMap((name) => packs.get(name)?.patterns ?? []));
  const innocent = ["monkey=banana", "primary key: id", "donkey: hotel", "confirm -rf", "medieval (history)"];
  expect(innocent.flatMap((one) => search.find(one)?.pattern.name ?? [])).toEqual([]);
});

test("an operator's pack has what it extends, under the names of where it comes from", () => {
  const own = { description: "", attacks: ["zap"], lookalikes: ["zip"], patterns: [{ id: "zap", pattern: "zap" }] };
  const resolved = resolvePacks([{ ...own, name: "ours", extends: "destructive-sql" }]);
  const names = resolved.get("ours")?.patterns.map(({ name }) => name);
  expect(names?.[0]).toBe("destructive-sql/drop-table");
  expect(names?.at(-1)).toBe("ours/zap");
  expect(resolved.get("ours")?.attacks).toContain("zap");
  expect(resolved.get("ours")?.attacks).toContain("drop table users");
});
