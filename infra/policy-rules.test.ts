import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compilePolicies } from "../services/policy/src/compile-policies.ts";
import { policyProblems } from "../services/policy/src/policy-problems.ts";
import { checkConfiguration } from "../shared/src/configuration/check.ts";

const text = readFileSync("docs/policy-rules.md", "utf8");

/** The heading that each block stands under, and its text. */
const examples = text
  .split(/^## /m)
  .flatMap((section) =>
    [...section.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = ""]) => [section.split("\n")[0], json]),
  );

/** As a user completes an example: with the servers' commands, and ports of their own. */
function complete(json: string): string {
  const { mcpServers, ...rest } = JSON.parse(json) as { mcpServers: Record<string, { governance?: object }> };
  const servers = Object.entries(mcpServers).map(([name, { governance }], index) => {
    const prefixed = { port: 9_000 + index, governance_prefix: name, ...governance };
    return [name, { transport: "stdio", command: name, governance: prefixed }];
  });
  return JSON.stringify({ ...rest, mcpServers: Object.fromEntries(servers) });
}

test("docs/policy-rules.md has an example of each kind of rule", () => {
  expect(examples.map(([heading]) => heading)).toEqual([
    "Policies: allow, deny, require approval",
    "Flow of information: labels",
    "Limits",
    "Results",
    "Schedule",
    "Patterns and security levels",
    "High security",
    "When a dependency is away",
    "Trying a rule: shadow",
  ]);
});

test.each(examples)("the example under %s can be used", (_heading, json = "") => {
  const { problems, configuration } = checkConfiguration(complete(json), { env: {}, problemsOf: policyProblems });
  expect(problems).toEqual([]);
  if (!configuration) throw new Error("there is no configuration");
  expect(() => compilePolicies(configuration.policy, "example")).not.toThrow();
});
