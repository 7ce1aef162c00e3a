// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the form that the file uses
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aFile, aServer, check, problemsOf } from "../../test/configuration.ts";
import type { PolicyDocument } from "./policy-document.ts";
import type { Server } from "./types.ts";

const argumentOf = (text: string, env: Record<string, string> = {}) => {
  const { configuration } = check(aFile({ a: aServer({ args: [text] }) }), { env });
  const transport = configuration?.servers[0]?.transport;
  return transport?.kind === "stdio" ? transport.args[0] : undefined;
};

describe("variables", () => {
  test.each([
    ["${A}", { A: "1" }, "1"],
    ["x${A}y${B}z", { A: "1", B: "2" }, "x1y2z"],
    ["${A:-d}", {}, "d"],
    ["${A:-d}", { A: "" }, "d"],
    ["${A:-}", {}, ""],
    ["$${A}", { A: "1" }, "${A}"],
    ["${A}", { A: "${B}", B: "2" }, "${B}"],
    ["$A costs $5", { A: "1" }, "$A costs $5"],
  ])("%s with %j is %j", (text, env, expected) => {
    expect(argumentOf(text, env)).toBe(expected);
  });

  test("a variable that is unset or empty and has no default is a problem with its path", () => {
    const file = aFile({ a: aServer({ env: { KEY: "${API_KEY}" } }) });
    const problem = "mcpServers.a.env.KEY: refers to the environment variable API_KEY, which is not set";
    expect(problemsOf(file)).toEqual([problem]);
    expect(problemsOf(file, { env: { API_KEY: "" } })).toEqual([problem]);
    expect(problemsOf(aFile({ a: aServer({ args: ["${constructor}"] }) }))).toHaveLength(1);
  });

  test.each(["${", "${1}", "${A:-${B:-}}", "${A-B}"])("%s is a broken reference, not a guess", (text) => {
    expect(problemsOf(aFile({ a: aServer({ args: [text] }) }))).toEqual([
      "mcpServers.a.args[0]: has a broken reference: write ${NAME}, ${NAME:-default}, or $${ for a literal ${",
    ]);
  });

  test("any value passes unchanged once its references are escaped", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("$", "{", "}", "A", ":", "-") }), (text) => {
        expect(argumentOf(text.replaceAll("${", () => "$${"))).toBe(text);
      }),
    );
  });

  test("a value from the environment appears in no problem", () => {
    const secret = "hunter2";
    const file = {
      governance: { mongodb_uri: "${S}", deployment_mode: "${S}" },
      mcpServers: {
        a: { transport: "${S}", url: "${S}", timeout: "${S}", headers: { h: "${S}\n" } },
        b: aServer({ governance: { mode: "${S}", blocked_patterns: ["${S}"], governance_prefix: "${S} " } }),
      },
    };
    const complain = ({ servers }: PolicyDocument) => [
      { path: ["servers", "b", "blocked_patterns", 0], message: `bad: ${servers.b?.blocked_patterns[0]}` },
      { path: ["global"], message: `unlike ${secret}` },
    ];
    const problems = problemsOf(file, { env: { S: secret }, problemsOf: complain });
    expect(problems.length).toBeGreaterThanOrEqual(10);
    expect(problems.join("\n")).not.toContain(secret);
  });
});

describe("the scope of services without upstream credentials", () => {
  test("leaves the transports' text as it is", () => {
    const file = aFile({ a: { transport: "http", url: "${URL}", headers: { authorization: "Bearer ${TOKEN}" } } });
    const { problems, configuration } = check(file, { scope: "policy" });
    expect(problems).toEqual([]);
    expect(configuration?.servers[0]?.transport satisfies Server["transport"] | undefined).toEqual({
      kind: "streamable-http",
      url: "${URL}",
      headers: { authorization: "Bearer ${TOKEN}" },
    });
  });

  test("replaces variables in the rules all the same", () => {
    const file = aFile({ a: aServer({ governance: { governance_prefix: "${PREFIX}" } }) });
    expect(problemsOf(file, { scope: "policy" })).toHaveLength(1);
  });
});

describe("mongodb_uri", () => {
  const file = aFile({ a: aServer() }, { mongodb_uri: "mongodb://app:${DB_PASSWORD}@db/bridge" });

  test("takes its password from the environment", () => {
    const { configuration } = check(file, { env: { DB_PASSWORD: "pw" } });
    expect(configuration?.mongodbUri).toBe("mongodb://app:pw@db/bridge");
  });

  test("needs nothing from the environment where MONGODB_URI wins over it", () => {
    expect(problemsOf(file)).toHaveLength(1);
    expect(problemsOf(file, { env: { MONGODB_URI: "mongodb://other" } })).toEqual([]);
  });

  test("must be an address of MongoDB", () => {
    expect(problemsOf(aFile({ a: aServer() }, { mongodb_uri: "redis://db" }))).toEqual([
      "governance.mongodb_uri: must begin with mongodb:// or mongodb+srv://",
    ]);
  });
});
