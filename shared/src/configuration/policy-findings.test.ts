// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the form that the file uses
import { describe, expect, test } from "vitest";
import { aFile, aPack, aServer, check, problemsOf } from "../../test/configuration.ts";
import type { PolicyDocument } from "./policy-document.ts";

/** Complains about every condition, every pattern and every pack that mentions `bad`, and quotes it. */
const complain = ({ global, servers, packs }: PolicyDocument) => [
  ...conditions(global).map(({ path, message }) => ({ path: ["global", ...path], message })),
  ...Object.entries(servers).flatMap(([name, settings]) => [
    ...conditions(settings).map(({ path, message }) => ({ path: ["servers", name, ...path], message })),
    ...settings.blocked_patterns.flatMap((text, index) => quoted(text, ["servers", name, "blocked_patterns", index])),
    ...(settings.pattern_packs ?? [])
      .filter((pack) => !packs.some((own) => own.name === pack))
      .map((pack, index) => ({ path: ["servers", name, "pattern_packs", index], message: `no pack ${pack}` })),
  ]),
  ...packs.flatMap(({ patterns }, pack) =>
    patterns.flatMap(({ pattern }, index) => quoted(pattern, ["packs", pack, "patterns", index, "pattern"])),
  ),
];

const conditions = ({ policies }: Pick<PolicyDocument["global"], "policies">) =>
  policies.flatMap(({ when = "" }, index) => quoted(when, ["policies", index, "when"]));

const quoted = (text: string, path: (string | number)[]) =>
  text.includes("bad") ? [{ path, message: `cannot read ${text}` }] : [];

const rule = (id: string, when: string) => ({ id, effect: "deny", when });

describe("what the compiler has against the rules", () => {
  test("is told at the rule's own place, global or of a server", () => {
    const file = aFile(
      { "my.server": aServer({ governance: { blocked_patterns: ["fine", "bad("] } }) },
      { policies: [rule("a", "true"), rule("b", "bad")] },
    );
    const { problems } = check(file, { problemsOf: complain });
    expect(problems).toEqual([
      { line: 12, column: 17, path: "governance.policies[1].when", message: "cannot read bad" },
      {
        line: 23,
        column: 11,
        path: 'mcpServers["my.server"].governance.blocked_patterns[1]',
        message: "cannot read bad(",
      },
    ]);
  });

  test("is told beside other mistakes, at places that other mistakes do not shift", () => {
    const policies = [{ id: "x", efect: "deny" }, rule("a", "bad 1"), 7, rule("b", "bad 2")];
    const governance = { rate_limit: -1, blocked_patterns: [1, "bad 3"], policies };
    expect(problemsOf(aFile({ a: aServer({ governance }) }, { policies: "none" }), { problemsOf: complain })).toEqual([
      "governance.policies: must be a list, not a string",
      "mcpServers.a.governance.rate_limit: must be at least 0",
      "mcpServers.a.governance.blocked_patterns[0]: must be a string, not a number",
      "mcpServers.a.governance.blocked_patterns[1]: cannot read bad 3",
      "mcpServers.a.governance.policies[0].effect: is required",
      'mcpServers.a.governance.policies[0].efect: unknown key (did you mean "effect"?)',
      "mcpServers.a.governance.policies[1].when: cannot read bad 1",
      "mcpServers.a.governance.policies[2]: must be an object, not a number",
      "mcpServers.a.governance.policies[3].when: cannot read bad 2",
    ]);
  });

  test("is asked about the document that decides, where nothing else is wrong", () => {
    let asked: PolicyDocument | undefined;
    const remember = (document: PolicyDocument) => {
      asked = document;
      return [];
    };
    const servers = { a: aServer({ governance: { rate_limit: 3, time_zone: "Europe/Berlin" } }) };
    const file = aFile({ ...servers, b: aServer({ disabled: true }) }, { policies: [rule("a", "true")] });
    const { configuration } = check(file, { problemsOf: remember });
    expect(configuration?.policy).toBeDefined();
    expect(asked).toEqual(configuration?.policy);
  });

  test("never shows what came from the environment, wherever it is quoted", () => {
    const file = aFile(
      { a: aServer({ governance: { blocked_patterns: ["bad ${SECRET}", "bad hunter2"] } }) },
      { policies: [{ ...rule("a", "bad"), reason: "${SECRET}" }] },
    );
    expect(problemsOf(file, { env: { SECRET: "hunter2" }, problemsOf: complain })).toEqual([
      "governance.policies[0].when: cannot read bad",
      "mcpServers.a.governance.blocked_patterns[0]: is not valid; what came from the environment is not shown",
      "mcpServers.a.governance.blocked_patterns[1]: is not valid; what came from the environment is not shown",
    ]);
  });

  test("is left out where a variable is not set", () => {
    const file = aFile({ a: aServer({ governance: { blocked_patterns: ["bad ${UNSET}"] } }) });
    expect(problemsOf(file, { problemsOf: complain })).toEqual([
      "mcpServers.a.governance.blocked_patterns[0]: refers to the environment variable UNSET, which is not set",
    ]);
  });
});

describe("pattern pack files", () => {
  const file = aFile({ a: aServer({ governance: { pattern_packs: ["own"] } }) }, { pattern_pack_files: ["own.json"] });
  const reading = (text: string) => ({ problemsOf: complain, readPack: () => text });

  test("make the packs of the policy, in the order of the file", () => {
    const packs: Record<string, object> = { "own.json": aPack(), "other.json": aPack({ name: "other" }) };
    const both = aFile({ a: aServer() }, { pattern_pack_files: ["own.json", "other.json"] });
    const { configuration } = check(both, { readPack: (path) => JSON.stringify(packs[path]) });
    expect(configuration?.policy.packs.map(({ name }) => name)).toEqual(["own", "other"]);
  });

  test("change the revision when they change", () => {
    const revision = (pack: object) => check(file, reading(JSON.stringify(pack))).configuration?.revision;
    expect(revision(aPack())).toMatch(/^[0-9a-f]{12}$/);
    expect(revision(aPack())).toBe(revision(aPack()));
    expect(revision(aPack({ patterns: [] }))).not.toBe(revision(aPack()));
  });

  test("that cannot be read are a problem, and packs are not called unknown for that", () => {
    const readPack = () => {
      throw new Error("ENOENT: no such file");
    };
    expect(problemsOf(file, { problemsOf: complain, readPack })).toEqual([
      "governance.pattern_pack_files[0]: cannot be read: ENOENT: no such file",
    ]);
    expect(problemsOf(file)).toEqual([
      "governance.pattern_pack_files[0]: cannot be read: pattern packs are not read here",
    ]);
  });

  test("that are broken JSON are told with line and column", () => {
    expect(problemsOf(file, reading('{\n  "name" "own"\n}'))).toEqual([
      "governance.pattern_pack_files[0]: own.json:2:10 invalid JSON: colon expected",
    ]);
  });

  test("that are no packs are told with place and path in the pack", () => {
    const text = JSON.stringify(aPack({ patern: 1, patterns: [{ id: "Bad Id", pattern: "x" }] }), null, 2);
    expect(problemsOf(file, reading(text))).toEqual([
      "governance.pattern_pack_files[0]: own.json:6:13 patterns[0].id: must be lower-case letters, digits and hyphens",
      'governance.pattern_pack_files[0]: own.json:12:3 patern: unknown key (did you mean "patterns"?)',
    ]);
  });

  test("with patterns that cannot be compiled are told with place and path in the pack, beside other mistakes", () => {
    const patterns = [7, { id: "a", pattern: "fine" }, { id: "b", pattern: "bad(" }];
    const text = JSON.stringify(aPack({ patterns }), null, 2);
    expect(problemsOf(file, reading(text))).toEqual([
      "governance.pattern_pack_files[0]: own.json:5:5 patterns[0]: must be an object, not a number",
      "governance.pattern_pack_files[0]: own.json:12:18 patterns[2].pattern: cannot read bad(",
    ]);
  });

  test("whose path came from the environment are told without it", () => {
    const secret = aFile({ a: aServer() }, { pattern_pack_files: ["${PACK}"] });
    const env = { PACK: "/private/place.json" };
    const readPack = (path: string) => {
      throw new Error(`ENOENT: ${path}`);
    };
    expect(problemsOf(secret, { env, readPack })).toEqual(["governance.pattern_pack_files[0]: cannot be read"]);
    expect(problemsOf(secret, { env, readPack: () => "{" })).toEqual([
      "governance.pattern_pack_files[0]: the file:1:2 invalid JSON: close brace expected",
    ]);
  });
});
