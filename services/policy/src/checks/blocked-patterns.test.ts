import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { BUILT_IN_PATTERNS, blockedPatterns } from "./blocked-patterns.ts";
import { checkPattern } from "./pattern-set.ts";

const facts = { now: new Date() };
const refusalOf = (given: unknown, custom: readonly string[] = []) =>
  blockedPatterns("weather.blocked_patterns", custom)(aRequest({ arguments: given }), facts);

/** Nested deeper than any recursion survives. */
function nested(depth: number, innermost: unknown): unknown {
  let value = innermost;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

describe("built-in patterns", () => {
  test("are the seed's five", () => {
    expect(BUILT_IN_PATTERNS).toEqual([
      "(password|secret|token|key)\\s*[:=]\\s*\\w+",
      "(rm|del|delete)\\s+-rf",
      "drop\\s+table",
      "eval\\s*\\(",
      "exec\\s*\\(",
    ]);
  });

  test("refuse in the seed's words", () => {
    expect(refusalOf({ command: "rm -rf /" })).toEqual({
      code: "security_pattern",
      rule: "weather.blocked_patterns",
      reason: "Security pattern detected: (rm|del|delete)\\s+-rf",
    });
  });

  test.each<[string, unknown]>([
    ["a secret as the value of a telling key", { password: "hunter2" }],
    ["a key that ends in a telling word", { api_key: "abc" }],
    ["a number as a secret", { auth: { token: 1234 } }],
    ["a secret within a text", { note: "password=x" }],
    ["a newline for the space", { sql: "drop\ntable users" }],
    ["a tab for the space, in capitals", { sql: "DROP\tTABLE users" }],
    ["an object's key", { "eval(": {} }],
    ["the key of a scalar", { "exec (ls)": true }],
    ["an element of an array", { lines: ["ok", ["drop table x"]] }],
    ["a bare string", "drop table x"],
    ["a number too large for JavaScript", JSON.parse('{"key":1e400}')],
    ["a member named __proto__", JSON.parse('{"__proto__":{"password":"x"}}')],
    ["a text beside a lone surrogate", { a: "\ud800 drop table \udc00" }],
    ["5,000 levels of nesting", nested(5_000, "drop table x")],
  ])("see %s", (_what, given) => {
    expect(refusalOf(given)?.code).toBe("security_pattern");
  });

  test.each<[string, unknown]>([
    ["no arguments", undefined],
    ["ordinary words", { text: "monday, the keyboard and the drop in tables" }],
    ["words of neighbouring texts", ["drop", "table"]],
    ["a telling key without a value", { token: "" }],
    ["a telling key of a container", { keys: { a: 1 } }],
    ["a lone surrogate", { a: "\udfff", "\ud800": null }],
    ["5,000 levels of nesting", nested(5_000, "harmless")],
  ])("have nothing against %s", (_what, given) => {
    expect(refusalOf(given)).toBeUndefined();
  });
});

describe("custom patterns", () => {
  test("are enforced beside the built-in ones, ignoring case", () => {
    expect(refusalOf({ path: "/ETC/Passwd" }, ["/etc/passwd"])?.reason).toBe("Security pattern detected: /etc/passwd");
    expect(refusalOf({ sql: "drop table x" }, ["/etc/passwd"])?.reason).toBe(
      "Security pattern detected: drop\\s+table",
    );
  });

  test("may be anchored to the ends of a key or a value", () => {
    expect(refusalOf({ user: "root" }, ["^root$"])).toBeDefined();
    expect(refusalOf({ root: 1 }, ["^root$"])).toBeDefined();
    expect(refusalOf({ user: "not root" }, ["^root$"])).toBeUndefined();
  });

  test("may share names of groups", () => {
    expect(refusalOf({ a: "two" }, ["(?P<n>one)", "(?P<n>two)"])?.reason).toContain("(?P<n>two)");
  });

  test("take time in proportion to the text, also where backtracking would not end", () => {
    const startedAt = performance.now();
    expect(refusalOf({ text: "a".repeat(100_000) }, ["(a+)+!"])).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test("find what each pattern finds by itself in each key, value and pair", () => {
    const word = fc.constantFrom("root", "a", ":", " ", "-", "", "\n", "é", "\ud800", "_", "7");
    const text = fc.array(word, { maxLength: 4 }).map((words) => words.join(""));
    const custom = ["\\broot\\b", "\\Ba", ":\\s*7$", "[a-z]-", "\\x{e9}", "t: r", "(?m)^a", "_{2}"];
    const unanchored = custom.filter((source) => !/[\^$]/.test(source));
    fc.assert(
      fc.property(text, text, fc.constantFrom(custom, unanchored), (key, value, sources) => {
        const texts = [key, value, `${key}: ${value}`];
        const expected = [...BUILT_IN_PATTERNS, ...sources].find((source) => {
          const pattern = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
          return texts.some((candidate) => pattern.test(candidate));
        });
        const reason = expected === undefined ? undefined : `Security pattern detected: ${expected}`;
        expect(refusalOf({ [key]: value }, sources)?.reason).toBe(reason);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a pattern", () => {
  test.each([
    ["(a", "missing closing ): `(a`"],
    ["(?=a)", "invalid or unsupported Perl syntax: `(?=`"],
    ["(a)\\1", "invalid escape sequence: `\\1`"],
    ["a{1001}", "invalid repeat count: `{1001}`"],
  ])("%s is told why it cannot be used", (source, reason) => {
    expect(checkPattern(source)).toBe(reason);
  });

  test("that RE2 knows is fine", () => {
    expect(checkPattern("\\bsudo\\s+(su|-i)\\b")).toBeUndefined();
  });
});
