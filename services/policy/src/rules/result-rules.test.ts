import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { twoServers } from "../../test/limits.ts";
import { compileResults } from "./result-rules.ts";

type Given = Record<string, unknown>;

const obligationsOf = (global: Given[], weather: Given[], request = aRequest()) =>
  compileResults(twoServers({ global: { results: global }, weather: { results: weather } }), request.server)(request);

describe("rules on results", () => {
  test("become obligations, the global ones first, each in the order of the file", () => {
    const obligations = obligationsOf(
      [
        { id: "secrets", action: "redact", packs: ["secrets"] },
        { id: "short", action: "truncate", max_characters: 100 },
      ],
      [
        { id: "mail", action: "withhold", patterns: ["@"], reason: "Addresses stay here." },
        { id: "ids", action: "deny", pointers: ["/structuredContent/id"] },
      ],
    );
    expect(obligations).toEqual([
      { kind: "redact", rule: "results.secrets", packs: ["secrets"], patterns: [], pointers: [], mask: "[masked]" },
      { kind: "truncate", rule: "results.short", maxCharacters: 100 },
      {
        kind: "withhold",
        rule: "weather.results.mail",
        packs: [],
        patterns: ["@"],
        pointers: [],
        reason: "Addresses stay here.",
      },
      {
        kind: "deny",
        rule: "weather.results.ids",
        packs: [],
        patterns: [],
        pointers: ["/structuredContent/id"],
        reason: "The rule weather.results.ids does not allow this result to be handed back",
      },
    ]);
  });

  test("on trial say so in each kind of obligation", () => {
    const actions = ["redact", "withhold", "deny", "truncate"];
    const obligations = obligationsOf(
      actions.map((action) => ({ id: action, action, max_characters: 1, shadow: true })),
      [],
    );
    expect(obligations.map((obligation) => [obligation.kind, "shadow" in obligation && obligation.shadow])).toEqual(
      actions.map((action) => [action, true]),
    );
  });

  test("hold for the calls that they select", () => {
    const rules: Given[] = [
      { id: "elsewhere", action: "redact", servers: ["files"] },
      { id: "reads", action: "redact", methods: ["resources/read"], resources: ["file:///etc/*"] },
      { id: "guests", action: "redact", principals: ["guest*"] },
      { id: "asks", action: "redact", methods: ["elicitation/create"] },
    ];
    const rulesFor = (request: Parameters<typeof aRequest>[0]) =>
      obligationsOf(rules, [], aRequest(request)).map(({ kind, ...rest }) => "rule" in rest && rest.rule);
    expect(rulesFor({})).toEqual([]);
    expect(rulesFor({ server: "files" })).toEqual(["results.elsewhere"]);
    expect(rulesFor({ method: "resources/read", target: "file:///etc/passwd" })).toEqual(["results.reads"]);
    expect(rulesFor({ principal: "guest-1" })).toEqual(["results.guests"]);
    expect(rulesFor({ method: "elicitation/create", target: "elicitation/create" })).toEqual(["results.asks"]);
  });

  test("cost nothing where there are none, and one look-up where there are", () => {
    const none = compileResults(twoServers({}), "weather");
    expect(none(aRequest())).toBe(none(aRequest({ target: "other" })));
    const weather = { results: [{ id: "all", action: "redact" }] };
    const some = compileResults(twoServers({ weather }), "weather");
    expect(some(aRequest())).toHaveLength(1);
    expect(some(aRequest())).toBe(some(aRequest({ arguments: { city: "Bergen" } })));
  });
});
