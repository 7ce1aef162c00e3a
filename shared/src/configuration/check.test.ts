import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { aFile, aServer, check, problemsOf } from "../../test/configuration.ts";
import { checkConfiguration } from "./check.ts";

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url), "utf8");
const all = { env: {}, scope: "all" } as const;

describe("the seed's example", () => {
  const placed = [
    ["MongoDB", 8173],
    ["memory-mcp", 8174],
    ["aws-documentation-mcp-server", 8173],
    ["aws-pricing-mcp-server", 8175],
    ["aws-core-mcp-server", 8173],
    ["aws-location-mcp-server", 8173],
    ["tavily-remote-mcp", 8176],
  ];

  const low = ["memory-mcp", "aws-documentation-mcp-server"].map(
    (name) =>
      `mcpServers.${name}.governance.security_level: "low" leaves out the pattern pack credentials, which the seed applied at every level`,
  );

  test("loads unchanged: four servers on 8173, three on ports of their own", () => {
    const { problems, warnings, configuration } = checkConfiguration(fixture("seed-example.json"), all);
    expect({ problems, warnings }).toEqual({ problems: [], warnings: low });
    expect(configuration?.servers.map(({ name, port }) => [name, port])).toEqual(placed);
    expect(configuration).toMatchObject({ deploymentMode: "hybrid", basePort: 8173, mongodbUri: "mongodb+srv://" });
  });

  test("loads behind the prose it ships with, and a warning names the ignored lines", () => {
    const { problems, warnings, configuration } = checkConfiguration(fixture("seed-example-with-prose.txt"), all);
    expect(problems).toEqual([]);
    expect(warnings).toEqual(['ignored what stands before the first "{": lines 1 to 5', ...low]);
    expect(configuration?.servers.map(({ name, port }) => [name, port])).toEqual(placed);
  });

  test("tolerates a byte order mark", () => {
    expect(checkConfiguration(`\uFEFF${fixture("seed-example.json")}`, all).problems).toEqual([]);
  });
});

describe("keys and values", () => {
  test("an unknown key is reported with its path and a suggestion", () => {
    const problems = problemsOf(aFile({ a: aServer({ governance: { rate_limt: 3 } }) }));
    expect(problems).toEqual(['mcpServers.a.governance.rate_limt: unknown key (did you mean "rate_limit"?)']);
  });

  test("a rule that stands outside of governance is reported with where it belongs", () => {
    expect(problemsOf(aFile({ a: aServer({ rate_limit: 3, colour: "red" }) }))).toEqual([
      'mcpServers.a.rate_limit: unknown key (it belongs in "governance")',
      "mcpServers.a.colour: unknown key",
    ]);
  });

  test.each([
    [{ governance: { allowed_hours: [24] } }, "mcpServers.a.governance.allowed_hours[0]: must be at most 23"],
    [
      { governance: { high_security: "false" } },
      "mcpServers.a.governance.high_security: must be true or false without quotes, not a string",
    ],
    [{ governance: { rate_limit: true } }, "mcpServers.a.governance.rate_limit: must be a whole number, not a boolean"],
    [{ governance: { allowed_hours: "9-17" } }, "mcpServers.a.governance.allowed_hours: must be a list, not a string"],
    [{ timeout: 30 }, "mcpServers.a.timeout: is in milliseconds and must be at least 100"],
    [{ url: "http://127.0.0.1/" }, "mcpServers.a.url: has no place in a stdio server"],
    [
      { transport: "sse" },
      "mcpServers.a.transport: comes in a later release; for now use one of stdio, streamable-http, http",
    ],
    [{ command: undefined }, "mcpServers.a.command: is required for a stdio server"],
    [
      { transport: "http", command: undefined, url: "ftp://files" },
      "mcpServers.a.url: must be an address that begins with http:// or https://",
    ],
    [
      { governance: { governance_prefix: "a b" } },
      "mcpServers.a.governance.governance_prefix: must be at most 64 letters, digits, underscores, dots and hyphens",
    ],
  ])("%j is a problem", (server, problem) => {
    expect(problemsOf(aFile({ a: aServer(server) }))).toEqual([problem]);
  });

  test("a rate limit of 0 and an empty list of hours are meant: they deny all", () => {
    const { configuration } = check(aFile({ a: aServer({ governance: { rate_limit: 0, allowed_hours: [] } }) }));
    expect(configuration?.servers[0]?.governance).toMatchObject({ rate_limit: 0, allowed_hours: [] });
  });

  test("a file without auth_disabled asks for credentials", () => {
    expect(check(aFile({ a: aServer() })).configuration?.authDisabled).toBe(false);
  });

  test("a file without servers is a problem", () => {
    expect(problemsOf({})).toEqual(["mcpServers: is required"]);
    expect(problemsOf({ mcpServers: {} })).toEqual(["mcpServers: must name at least one server"]);
  });

  test("a transformation strategy is accepted, and the one that asks for something else warns", () => {
    const warned = check(aFile({ a: aServer() }, { transformation_strategy: "custom_wrapper" })).warnings;
    const silent = check(aFile({ a: aServer() }, { transformation_strategy: "fastmcp_native" })).warnings;
    expect(warned).toEqual(["governance.transformation_strategy: has no effect and is deprecated; leave it out"]);
    expect(silent).toEqual([]);
  });
});

describe("every problem at once", () => {
  test("a mistake in one place hides none in another, and each has its line and column", () => {
    const text = `{
  "governance": { "deployment_mode": "multi-port", "base_prt": 1 },
  "mcpServers": {
    "a": { "transport": "stdio", "command": "x", "timeout": 5 },
    "b": { "transport": "sse", "governance": { "allowed_hours": [24] } },
    "b c": { "transport": "http", "url": "\${NOWHERE}", "disabled": "false" }
  }
}`;
    const { problems, configuration } = checkConfiguration(text, all);
    expect(configuration).toBeUndefined();
    expect(problems.map(({ line, column, path }) => `${line}:${column} ${path}`)).toEqual([
      "2:52 governance.base_prt",
      "4:61 mcpServers.a.timeout",
      "5:25 mcpServers.b.transport",
      "5:46 mcpServers.b.governance.port",
      "5:66 mcpServers.b.governance.allowed_hours[0]",
      '6:12 mcpServers["b c"]',
      '6:42 mcpServers["b c"].url',
      '6:68 mcpServers["b c"].disabled',
    ]);
  });
});
