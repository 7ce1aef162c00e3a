import { StartupError } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aConfiguration } from "../test/builders.ts";
import { compilePolicies } from "./compile-policies.ts";

function errorOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe("a configuration", () => {
  test("compiles to one policy per server, under its revision", () => {
    const policies = compilePolicies(aConfiguration());
    expect(policies.revision).toBe("0123456789ab");
    expect([...policies.servers.keys()]).toEqual(["weather"]);
  });

  test("with bad patterns names each by its path and ends with status 2", () => {
    const configuration = aConfiguration({ blocked_patterns: ["fine", "(a", "b\\1"] });
    const error = errorOf(() => compilePolicies(configuration));
    expect(error).toBeInstanceOf(StartupError);
    expect(error).toMatchObject({
      exitCode: 2,
      message: [
        "invalid configuration",
        "mcpServers.weather.governance.blocked_patterns[1]: missing closing ): `(a`",
        "mcpServers.weather.governance.blocked_patterns[2]: invalid escape sequence: `\\1`",
      ].join("\n"),
    });
  });

  test("with patterns that are too large says which, or that they are so together", () => {
    const large = aConfiguration({ blocked_patterns: ["a{600}(b{600})"] });
    expect(errorOf(() => compilePolicies(large))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("blocked_patterns[0]: too large: it compiles to"),
    });
    const together = aConfiguration({ blocked_patterns: Array.from({ length: 12 }, () => "a{900}") });
    expect(errorOf(() => compilePolicies(together))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("mcpServers.weather.governance.blocked_patterns: too large together"),
    });
  });
});
