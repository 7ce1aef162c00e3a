import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { ConditionFailure, compileCondition, conditionProblem, situationOf } from "./condition.ts";

const facts = { now: new Date("2026-07-15T22:30:45.678Z"), labels: ["private_data"] };
const request = aRequest({
  principal: "alice",
  roles: ["dev"],
  client: { name: "cursor", version: "1" },
  annotations: { readOnlyHint: true },
});

function holds(source: string, given: unknown = {}, now = facts.now): boolean {
  return compileCondition(source).holds(situationOf({ ...request, arguments: given }, { ...facts, now }));
}

describe("a condition", () => {
  test.each([
    'principal == "alice"',
    '"dev" in roles',
    'client == "cursor"',
    'server == "weather" && tool == "get_forecast" && method == "tools/call"',
    "annotations.readOnlyHint",
    "!has(annotations.destructiveHint)",
    '"private_data" in labels',
    'now > timestamp("2026-07-15T22:00:00Z")',
    'now - timestamp("2026-07-15T22:00:00Z") < duration("31m")',
    'duration("90m").getMinutes() == 90 && duration("90m").getHours() == 1',
  ])("knows of a call: %s", (source) => {
    expect(holds(source)).toBe(true);
  });

  test.each([
    ["args.amount > 1000", { amount: 1001 }, true],
    ["args.amount > 1000", { amount: 1000 }, false],
    ["args.amount > 1000", { amount: 1000.5 }, true],
    ["args.amount >= 1000.5", { amount: 1001 }, true],
    ["args.ratio >= 0.5", { ratio: 1 }, true],
    ["args.ratio == 0.5", { ratio: 0.5 }, true],
    ["args.n == 5 && 5 == args.n && args.n == 5.0", { n: 5 }, true],
    ["args.n != 5", { n: 5 }, false],
    ["args.n in [1, 2.5, 5]", { n: 5 }, true],
    ["args.n * 2 + 1 == 11 && args.n / 2 == 2.5 && 2 * args.n - 1 == 9", { n: 5 }, true],
    ["args.n % 2 == 1", { n: 5 }, true],
    ["size(args.items) > args.n", { items: [1, 2], n: 1 }, true],
    ["args.items[args.n] == 7", { items: [6, 7], n: 1 }, true],
    ["args.items == [1, 2.5]", { items: [1, 2.5] }, true],
    ["args.n == '5'", { n: 5 }, false],
    ["args.to.exists(a, !a.endsWith('@corp.example'))", { to: ["a@corp.example", "b@evil.example"] }, true],
    ["args.flag", { flag: true }, true],
    ["has(args.a) && has(args.a.b)", { a: {} }, false],
    ["'x' in args", { x: null }, true],
    ["args.x == null", { x: null }, true],
    ["size(args) == 0", undefined, true],
    ["args['a-b'] == 1", { "a-b": 1 }, true],
    ["cel.bind(n, args.n, n > 1 && n < 3)", { n: 2 }, true],
  ])("%s of %j is %s", (source, given, expected) => {
    expect(holds(source, given)).toBe(expected);
  });

  test("compares numbers of JSON with literals as mathematics does", () => {
    const operators = { "<": -1, ">": 1 } as const;
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), (given, literal) => {
        for (const [operator, sign] of Object.entries(operators)) {
          expect(holds(`args.n ${operator} ${literal}`, { n: given })).toBe(Math.sign(given - literal) === sign);
        }
        expect(holds(`args.n == ${literal}`, { n: given })).toBe(given === literal);
      }),
    );
  });

  test.each([
    ["a missing member", "args.amount > 1000", {}],
    ["a text for a number", "args.amount > 1000", { amount: "2000" }],
    ["a result that is neither true nor false", "args.flag", { flag: "yes" }],
    ["an index out of range", "args.items[3] == 1", { items: [] }],
    ["arguments that are no object", "args.amount > 1", "text"],
  ])("cannot be told for %s", (_what, source, given) => {
    expect(() => holds(source, given)).toThrow(ConditionFailure);
  });

  test("cannot be told for arguments nested deeper than any recursion goes", () => {
    let nested: unknown = 1;
    for (let level = 0; level < 200_000; level += 1) nested = [nested];
    expect(() => holds("args.a == [1]", { a: nested })).toThrow(ConditionFailure);
  });

  test("is not confused by members with the names of JavaScript", () => {
    const given: unknown = JSON.parse('{"constructor":"x","__proto__":{"n":1},"n":5,"o":{"constructor":null}}');
    expect(holds("args.n == 5 && args.constructor == 'x' && has(args.o)", given)).toBe(true);
    expect(holds("has(args.o.constructor) && !has(args.toString) && size(args) == 4", given)).toBe(true);
    expect(() => holds("args.hasOwnProperty == 1", {})).toThrow(ConditionFailure);
    expect(() => holds("args.o.n == 1", given)).toThrow("No such key: n");
  });
});

describe("patterns in conditions", () => {
  test("are found anywhere, with case", () => {
    expect(holds("args.sql.matches('(?i)^select')", { sql: "SELECT 1" })).toBe(true);
    expect(holds("args.sql.matches('select')", { sql: "SELECT 1" })).toBe(false);
    expect(holds("args.list.exists(s, s.matches('^a+$'))", { list: ["b", "aa"] })).toBe(true);
  });

  test("take time in proportion to the text", () => {
    const startedAt = performance.now();
    expect(holds("args.text.matches('(a+)+$')", { text: `${"a".repeat(100_000)}!` })).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe("time in conditions", () => {
  test.each([
    ["now.getHours() == 22 && now.getMinutes() == 30 && now.getSeconds() == 45 && now.getMilliseconds() == 678"],
    ["now.getHours('Europe/Berlin') == 0 && now.getDate('Europe/Berlin') == 16"],
    ["now.getDayOfWeek() == 3 && now.getDayOfWeek('Europe/Berlin') == 4"],
    ["now.getFullYear() == 2026 && now.getMonth() == 6 && now.getDayOfMonth() == 14"],
    ["now.getDayOfYear() == 195 && now.getDayOfYear('Europe/Berlin') == 196"],
    ["now.getMinutes('Asia/Kathmandu') == 15"],
  ])("is the zone's, whatever the host's: %s", (source) => {
    expect(holds(source)).toBe(true);
  });
});

describe("the work of a condition", () => {
  const long = { a: Array.from({ length: 6_000 }, (_, n) => n), b: Array.from({ length: 6_000 }, (_, n) => -n) };

  test("is done for large arguments where it grows with their size alone", () => {
    expect(holds("args.a.exists(x, x == 5999)", long)).toBe(true);
    expect(holds("args.a.all(x, x in [1, 2] || x >= 0)", long)).toBe(true);
    expect(holds("args.o.all(o, o.list.all(x, x == 1))", { o: [{ list: [1] }] })).toBe(true);
  });

  test.each([
    "args.a.exists(x, x in args.b)",
    "args.a.all(x, args.b.all(y, x >= y))",
    "args.a.map(x, args.b).all(l, size(l) > 0)",
    "cel.bind(b, args.b, args.a.exists(x, x in b))",
    "string(args.a[0]).contains(string(args.b[0]))",
  ])("is refused for large arguments where each is compared with each: %s", (source) => {
    expect(() => holds(source, long)).toThrow("too large");
    expect(() => holds(source, { a: [1], b: [1] })).not.toThrow();
  });

  test("that is too deep is no condition", () => {
    const source = "args.a.all(x, args.a.all(y, args.a.all(z, args.a.all(w, x + y + z + w > 0))))";
    expect(conditionProblem(source)).toContain("too deep");
  });
});

describe("what is no condition", () => {
  test.each([
    ["args.n ==", "Unexpected token: EOF (at character 10)"],
    ["amount > 5", "Unknown variable: amount (at character 1)"],
    ["principal == 5", "no such overload: string == int (at character 1)"],
    ["size(args)", "its result is of type int; a condition must be true or false"],
    ["args.a.matches(args.b)", "matches(…) needs its pattern as a text in quotes (at character 1)"],
    ["true && args.a.matches('(')", "missing closing ): `(` (at character 9)"],
    ["now > now + duration(args.d)", "duration(…) needs a text in quotes (at character 13)"],
    ["now.getHours(args.zone) == 1", "a time zone must be a text in quotes (at character 1)"],
    ["now.getHours('Mars/Base') == 1", "there is no time zone Mars/Base (at character 1)"],
    ["args.id == 9007199254740993", "9007199254740993 is too large to be told from its neighbours (at character 12)"],
    ["args.ids.all(id, id > -9007199254740992)", "is too large to be told from its neighbours"],
    ["principal.getHours() == 1", "found no matching overload for 'string.getHours()' (at character 1)"],
  ])("%s: %s", (source, problem) => {
    expect(conditionProblem(source)).toContain(problem);
  });

  test("a condition has no problem, and says whether it reads labels", () => {
    expect(conditionProblem("args.n > 1")).toBeUndefined();
    expect(conditionProblem("args.n > 9007199254740991")).toBeUndefined();
    expect(compileCondition("args.labels == 1").readsLabels).toBe(false);
    expect(compileCondition("args.a.exists(x, x in labels)").readsLabels).toBe(true);
  });
});
