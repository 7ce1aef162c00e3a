import type { Selector } from "@mcp-governance-bridge/shared/configuration";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { compileGlob } from "../rules/glob.ts";
import { compileSelector } from "../rules/selector.ts";
import { covers, coversGlob } from "./covers.ts";

describe("a glob covers another", () => {
  test.each([
    ["*", "a*b"],
    ["a*", "ab*c"],
    ["a?", "a?"],
    ["a?", "ab"],
    ["*a*", "?a?*"],
    ["a*b", "a*c*b"],
    ["", ""],
    ["*", ""],
  ])("%j covers %j", (outer, inner) => {
    expect(coversGlob(outer, inner)).toBe(true);
  });

  test.each([
    ["a?", "a*"],
    ["ab", "a?"],
    ["a*b", "a*"],
    ["a", "*"],
    ["?*", "*"],
    ["", "a"],
  ])("%j does not cover %j", (outer, inner) => {
    expect(coversGlob(outer, inner)).toBe(false);
  });

  test("only where it matches all that the other matches", () => {
    const glob = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 6 });
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
    fc.assert(
      fc.property(glob, glob, fc.array(text, { maxLength: 20 }), (outer, inner, texts) => {
        if (!coversGlob(outer, inner)) return;
        for (const each of texts.filter(compileGlob(inner))) expect(compileGlob(outer)(each)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("a selector covers another", () => {
  test.each<[Selector, Selector]>([
    [{}, { tools: ["a"] }],
    [{ tools: ["get_*"] }, { tools: ["get_a", "get_b*"], principals: ["ada"] }],
    [{ methods: ["tools/call"] }, { tools: ["a"] }],
    [{ roles: ["dev", "ops"] }, { roles: ["dev"] }],
    [{ annotations: { destructiveHint: true } }, { annotations: { destructiveHint: true, openWorldHint: true } }],
    [{ tools: ["*"], prompts: ["*"] }, { prompts: ["a"] }],
  ])("%j covers %j", (outer, inner) => {
    expect(covers(outer, inner)).toBe(true);
  });

  test.each<[Selector, Selector]>([
    [{ tools: ["a"] }, {}],
    [{ tools: ["*"] }, { prompts: ["a"] }],
    [{ tools: ["*"] }, { tools: ["a"], prompts: ["a"] }],
    [{ methods: ["tools/call"] }, { methods: ["tools/call", "prompts/get"] }],
    [{ roles: ["dev"] }, { roles: ["dev", "ops"] }],
    [{ annotations: { destructiveHint: true } }, { annotations: { destructiveHint: false } }],
    [{ clients: ["cursor"] }, { principals: ["ada"] }],
  ])("%j does not cover %j", (outer, inner) => {
    expect(covers(outer, inner)).toBe(false);
  });

  test("only where it is about all calls that the other is about", () => {
    const globs = fc.array(fc.constantFrom("a*", "ab", "*", "b?"), { minLength: 1, maxLength: 2 });
    const selector: fc.Arbitrary<Selector> = fc.record(
      {
        principals: globs,
        clients: globs,
        roles: fc.subarray(["dev", "ops"], { minLength: 1 }),
        tools: globs,
        prompts: globs,
        resources: globs,
        methods: fc.subarray(["tools/call", "prompts/get", "completion/complete", "roots/list"], { minLength: 1 }),
        annotations: fc.constantFrom({ readOnlyHint: true }, { readOnlyHint: true, openWorldHint: false }),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Selector>;
    const name = fc.constantFrom("a", "ab", "bc", "c");
    const request = fc
      .record({
        principal: name,
        client: fc.option(name.map((given) => ({ name: given, version: "1" }))),
        roles: fc.subarray(["dev", "ops", "else"]),
        target: name,
        method: fc.constantFrom("tools/call", "prompts/get", "completion/complete", "resources/read", "roots/list"),
      })
      .chain((call) => {
        const isTool = call.method === "tools/call";
        const annotations = isTool
          ? fc.constantFrom({}, { readOnlyHint: true }, { readOnlyHint: true, openWorldHint: false })
          : fc.constant({});
        return annotations.map((given) => aRequest({ ...call, annotations: given } as Parameters<typeof aRequest>[0]));
      });
    fc.assert(
      fc.property(selector, selector, fc.array(request, { maxLength: 20 }), (outer, inner, requests) => {
        if (!covers(outer, inner)) return;
        const about = requests.filter(compileSelector(inner).matches);
        for (const each of about) expect(compileSelector(outer).matches(each)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});
