import { resolvePacks } from "@mcp-governance-bridge/shared/patterns";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { blockedPatterns } from "./blocked-patterns.ts";

const named = (...sources: string[]) => sources.map((source) => ({ name: source, source }));
const facts = { now: new Date() } as Parameters<ReturnType<typeof blockedPatterns>>[1];
const refusalOf = (given: unknown, patterns = named("/etc/passwd", "drop table")) =>
  blockedPatterns("weather.blocked_patterns", patterns)(aRequest({ arguments: given }), facts);

describe("a call whose arguments match", () => {
  test("row 61: a custom pattern is refused in the seed's words", () => {
    expect(refusalOf({ path: "/ETC/Passwd" })).toEqual({
      code: "security_pattern",
      rule: "weather.blocked_patterns",
      reason: "Security pattern detected: /etc/passwd",
    });
  });

  test("row 60: a built-in pattern is refused by the names of the pack and of the pattern", () => {
    const patterns = resolvePacks([]).get("destructive-shell")?.patterns;
    expect(refusalOf({ command: "rm -rf /" }, [...(patterns ?? [])])?.reason).toBe(
      "Security pattern detected: destructive-shell/rm-recursive-force",
    );
  });

  test("several patterns is refused by the first of the list", () => {
    expect(refusalOf({ sql: "drop table x", path: "/etc/passwd" })?.reason).toContain("/etc/passwd");
  });
});

test("a call whose arguments match nothing, or that has none, is not refused", () => {
  expect(refusalOf({ text: "monday, the keyboard and the drop in tables" })).toBeUndefined();
  expect(refusalOf(undefined)).toBeUndefined();
  expect(refusalOf({ sql: "drop table x" }, [])).toBeUndefined();
});

test("a call whose arguments are hidden in too many layers is refused for that", () => {
  let value = "harmless";
  for (let layer = 0; layer < 12; layer += 1) value = JSON.stringify([value]);
  expect(refusalOf({ value })).toEqual({
    code: "unchecked_arguments",
    rule: "weather.blocked_patterns",
    reason: "Arguments cannot be checked: the value has more than 8 layers of encoding",
  });
});
