import { StartupError } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aDocument, aRequest } from "../test/builders.ts";
import { compilePolicies } from "./compile-policies.ts";

function errorOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe("a policy document", () => {
  test("compiles to one policy per server, under its name", () => {
    const policies = compilePolicies(aDocument(), "r1-0123456789ab");
    expect(policies.revision).toBe("r1-0123456789ab");
    expect([...policies.servers.keys()]).toEqual(["weather"]);
  });

  test("with problems names each by its path and ends with status 2", () => {
    const document = aDocument({
      global: { policies: [{ id: "a", effect: "deny", when: "args.n >" }] },
      server: { blocked_patterns: ["fine", "(a"] },
    });
    const error = errorOf(() => compilePolicies(document, "r1"));
    expect(error).toBeInstanceOf(StartupError);
    expect(error).toMatchObject({
      exitCode: 2,
      message: [
        "invalid policy",
        "global.policies[0].when: is no condition in CEL: Unexpected token: EOF (at character 9)",
        "servers.weather.blocked_patterns[1]: missing closing ): `(a`",
      ].join("\n"),
    });
  });

  test("asks for the packs of the security level, or for those that are named", () => {
    const packsOf = (server: Parameters<typeof aDocument>[0]) =>
      compilePolicies(aDocument(server), "r1").servers.get("weather")?.packs;
    expect(packsOf({})).toEqual(["credentials", "destructive-shell", "destructive-sql", "code-execution"]);
    expect(packsOf({ server: { security_level: "high", pattern_packs: ["credentials"] } })).toEqual(["credentials"]);
  });

  test("row 61: a server's own patterns are looked for beside those of its packs", () => {
    const policies = compilePolicies(aDocument({ server: { blocked_patterns: ["/etc/passwd"] } }), "r1");
    const late = policies.servers.get("weather")?.late ?? [];
    const refusals = (given: unknown) =>
      late.map(({ check }) => check(aRequest({ arguments: given }), { now: new Date() })?.code);
    expect(refusals({ path: "/ETC/Passwd" })).toEqual(["security_pattern"]);
    expect(refusals({ sql: "drop table users" })).toEqual(["security_pattern"]);
    expect(refusals({ sql: "select 1" })).toEqual([undefined]);
  });
});
