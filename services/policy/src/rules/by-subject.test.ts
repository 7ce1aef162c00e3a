import type { Selector } from "@mcp-governance-bridge/shared/configuration";
import fc from "fast-check";
import { expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { rememberBySubject } from "./by-subject.ts";
import { compileSelector } from "./selector.ts";

const word = fc.constantFrom("a", "b", "a b", "1:a", "-", "x".repeat(5_000));
const words = fc.uniqueArray(word, { minLength: 1, maxLength: 2 });
const hint = fc.constantFrom<unknown>(true, "true", false, 1, "1");
const method = fc.constantFrom("tools/call", "prompts/get", "roots/list");

const selector = fc.record(
  {
    principals: words,
    roles: words,
    clients: words,
    tools: words,
    prompts: words,
    methods: fc.uniqueArray(method, { minLength: 1 }),
    annotations: fc.dictionary(fc.constantFrom("p", "q"), hint),
  },
  { requiredKeys: [] },
);

const request = fc.record({
  principal: word,
  roles: fc.uniqueArray(word, { maxLength: 2 }),
  client: fc.option(fc.record({ name: word, version: word })),
  method: method as fc.Arbitrary<"tools/call">,
  target: word,
  annotations: fc.dictionary(fc.constantFrom("p", "q"), fc.oneof(hint, fc.constant({}))),
});

test("what is remembered for a subject is what would be computed for it", () => {
  fc.assert(
    fc.property(fc.array(selector, { maxLength: 4 }), fc.array(request, { maxLength: 8 }), (given, requests) => {
      const selectors = given as Selector[];
      const selections = selectors.map((members) => compileSelector(members));
      const about = (subject: Parameters<typeof aRequest>[0]) =>
        selections.map((selection) => selection.matches(aRequest(subject)));
      const remembered = rememberBySubject(selectors, (subject) =>
        selections.map((selection) => selection.matches(subject)),
      );
      for (const one of [...requests, ...requests]) expect(remembered(aRequest(one))).toEqual(about(one));
    }),
    { numRuns: 500 },
  );
});

test("a subject of the same kind is computed once", () => {
  let computed = 0;
  const remembered = rememberBySubject([{ tools: ["a"] }], () => ({ computed: ++computed }));
  remembered(aRequest({ target: "a", principal: "alice" }));
  expect(remembered(aRequest({ target: "a", principal: "bob" }))).toEqual({ computed: 1 });
  expect(remembered(aRequest({ target: "b" }))).toEqual({ computed: 2 });
});
