import { formatPath } from "@mcp-governance-bridge/shared/configuration";
import { describe, expect, test } from "vitest";
import { aDocument, type DocumentParts } from "../../test/builders.ts";
import type { CatalogueTool } from "./catalogue.ts";
import { lintPolicies } from "./lint-policies.ts";

const closed = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
  additionalProperties: false,
});
const aTool = (name: string, more: Partial<CatalogueTool> = {}): CatalogueTool => ({
  name,
  inputSchema: closed("city"),
  outputSchema: undefined,
  annotations: undefined,
  ...more,
});
const catalogue = new Map([
  [
    "weather",
    [
      aTool("get_forecast", { annotations: { readOnlyHint: true } }),
      aTool("set_alarm", { outputSchema: closed("id") }),
    ],
  ],
]);

const lint = (parts: DocumentParts, tools: typeof catalogue | undefined = catalogue) =>
  lintPolicies(aDocument(parts), tools).map(({ path, message }) => `${formatPath(path)}: ${message}`);
const rule = (id: string, effect: "allow" | "deny" | "require_approval", more: object = {}) => ({
  id,
  effect,
  ...more,
});
const own = (...policies: ReturnType<typeof rule>[]): DocumentParts => ({ server: { policies } });
const global = (...policies: ReturnType<typeof rule>[]): DocumentParts => ({ global: { policies } });

test("a document without rules, and one whose rules all matter, have no findings", () => {
  expect(lint({})).toEqual([]);
  const parts: DocumentParts = {
    global: {
      default_effect: "deny",
      labels: [{ tools: ["get_*"], labels: ["private_data"] }],
      policies: [
        rule("readers", "allow", { annotations: { readOnlyHint: true } }),
        rule("no-oslo", "deny", { tools: ["get_forecast"], when: "args.city == 'Oslo'" }),
        rule("leak", "deny", { closes: ["private_data"] }),
      ],
      limits: [
        { id: "fair", by: ["principal", { argument: "/city" }], tools: ["get_*"], permits: { minute: 5, hour: 50 } },
      ],
      results: [{ id: "mail", action: "redact", packs: ["personal-data"], pointers: ["/structuredContent/id"] }],
    },
    server: { policies: [rule("alarms", "allow", { tools: ["set_alarm"], roles: ["ops"] })] },
  };
  expect(lint(parts)).toEqual([]);
});

describe("rules that never match", () => {
  test.each<[string, DocumentParts, string]>([
    [
      "a glob on servers that there are not",
      global(rule("a", "deny", { servers: ["we*", "mail-*"] })),
      "global.policies[0].servers[1]: matches no server that is enabled",
    ],
    [
      "a server's own rule about another",
      own(rule("a", "deny", { servers: ["mail"] })),
      "servers.weather.policies[0].servers[0]: matches not weather, whose rule it is",
    ],
    [
      "tools that no server has",
      own(rule("a", "deny", { tools: ["get_*", "delete_*"] })),
      "servers.weather.policies[0].tools[1]: matches no tool of weather",
    ],
    [
      "costs of tools that no server has",
      { server: { limits: [{ id: "a", permits: { minute: 1 }, costs: [{ tools: ["render"], cost: 5 }] }] } },
      "servers.weather.limits[0].costs[0].tools[0]: matches no tool of weather",
    ],
    [
      "annotations that no tool has",
      own(rule("a", "deny", { tools: ["get_*"], annotations: { destructiveHint: true } })),
      "servers.weather.policies[0].annotations: no tool that it is about has these: it never matches",
    ],
    [
      "tools with methods of other things",
      { server: { labels: [{ tools: ["get_*"], methods: ["prompts/get"], labels: ["a"] }] } },
      "servers.weather.labels[0].methods: have no calls in common with tools: it never matches",
    ],
    [
      "annotations of resources",
      {
        server: { results: [{ id: "a", action: "deny", pointers: [""], resources: ["*"], annotations: { a: true } }] },
      },
      "servers.weather.results[0].annotations: have no calls in common with resources: it never matches",
    ],
    [
      "a condition that is never true",
      own(rule("a", "deny", { when: "args.city == 'Oslo' && 1 > 2" })),
      "servers.weather.policies[0].when: is never true: the rule never matches",
    ],
    [
      "labels that nothing carries",
      { global: { labels: [{ labels: ["a"] }], policies: [rule("x", "deny", { closes: ["a", "b"] })] } },
      "global.policies[0].closes[1]: no call carries this label: the rule never matches",
    ],
  ])("%s", (_what, parts, finding) => {
    expect(lint(parts)).toEqual([finding]);
  });

  test("tools are not missed where they are not known", () => {
    const parts = own(rule("a", "deny", { tools: ["delete_*"], when: "args.x == 1" }));
    expect(lint(parts, undefined)).toHaveLength(1);
    expect(lintPolicies(aDocument(parts))).toEqual([]);
  });

  test("rules of disabled servers are left alone", () => {
    expect(lint({ server: { disabled: true, policies: [rule("a", "deny", { tools: ["x"] })] } })).toEqual([]);
  });
});

describe("rules that change nothing", () => {
  const deny = (id: string, more: object = {}) => rule(id, "deny", more);

  test("are those that allow what is allowed anyway", () => {
    expect(lint(own(rule("a", "allow", { tools: ["get_*"] })))).toEqual([
      "servers.weather.policies[0]: changes nothing: default_effect is allow, and an allow rule wins over nothing else",
    ]);
  });

  test("are those that allow on trial", () => {
    const parts = { global: { default_effect: "deny" as const, policies: [rule("a", "allow", { shadow: true })] } };
    expect(lint(parts)).toEqual(["global.policies[0]: says nothing: only denials are tried, and it denies nothing"]);
  });

  test.each<[string, object, object]>([
    ["a stronger one, wherever it stands", rule("a", "require_approval", { tools: ["get_*"] }), deny("b")],
    ["one of the same effect before it", deny("b", { tools: ["*_forecast"] }), deny("a", { tools: ["get_forecast"] })],
    ["one of the same effect after it, without a reason of its own", deny("a", { tools: ["get_forecast"] }), deny("b")],
  ])("are those all of whose calls are decided by %s", (_what, first, second) => {
    const rules = [first, second] as ReturnType<typeof rule>[];
    const at = rules.findIndex(({ id }) => id === "a");
    expect(lint(own(...rules))).toEqual([
      `servers.weather.policies[${at}]: changes nothing: weather.policies.b decides on all of its calls`,
    ]);
  });

  test("of two that are the same the second is told", () => {
    expect(lint(own(deny("a"), deny("b")))).toEqual([
      "servers.weather.policies[1]: changes nothing: weather.policies.a decides on all of its calls",
    ]);
  });

  test("may be a server's own beside a global one", () => {
    const parts = {
      global: { policies: [deny("all")] },
      server: { policies: [deny("some", { when: "args.city == 'x'" })] },
    };
    expect(lint(parts)).toEqual([
      "servers.weather.policies[0]: changes nothing: policies.all decides on all of its calls",
    ]);
  });

  test.each<[string, object, object]>([
    ["a reason of its own, and stands first", deny("a", { tools: ["get_forecast"], reason: "Why." }), deny("b")],
    ["calls of its own", deny("a", { tools: ["get_*"] }), deny("b", { tools: ["*_alarm"] })],
    ["no condition and the other has", deny("a", { tools: ["set_alarm"] }), deny("b", { when: "args.city == 'x'" })],
    ["more strength", deny("a"), rule("b", "require_approval", { shadow: true })],
  ])("are none where a rule has %s", (_what, first, second) => {
    expect(lint(own(...([first, second] as ReturnType<typeof rule>[])))).toEqual([]);
  });
});

describe("arguments that no tool has", () => {
  test.each<[string, DocumentParts, string]>([
    [
      "in a condition",
      own(rule("a", "deny", { methods: ["tools/call"], when: "has(args.town) && args.city == 'x'" })),
      "servers.weather.policies[0].when: no tool that it is about has the argument town",
    ],
    [
      "in a limit",
      { server: { limits: [{ id: "a", tools: ["set_alarm"], by: [{ argument: "/to" }], permits: { hour: 1 } }] } },
      "servers.weather.limits[0].by[0].argument: no tool that it is about has the argument /to",
    ],
  ])("%s", (_what, parts, finding) => {
    expect(lint(parts)).toEqual([finding]);
  });

  test("are none where the rule is about prompts and resources too", () => {
    expect(lint(own(rule("a", "deny", { when: "args.town == 'x'" })))).toEqual([]);
  });

  test("are none where one of its tools has them, or does not tell", () => {
    const tools = new Map([["weather", [aTool("a"), aTool("b", { inputSchema: { type: "object" } })]]]);
    const deny = (...names: string[]) => own(rule("a", "deny", { tools: names, when: "args.town == 'x'" }));
    expect(lint(deny("a", "b"), tools)).toEqual([]);
    expect(lint(deny("a"), tools)).toHaveLength(1);
  });
});

describe("limits that never refuse", () => {
  const limit = (id: string, more: object) => ({ id, ...more });
  const limits = (...all: ReturnType<typeof limit>[]): DocumentParts => ({ server: { limits: all } });

  test.each<[string, DocumentParts, string]>([
    [
      "as a longer window has fewer permits",
      limits(limit("a", { permits: { minute: 50, hour: 40 } })),
      "servers.weather.limits[0].permits.minute: never refuses: weather.limits.a allows no more of the same calls",
    ],
    [
      "as another counts the same and more",
      limits(limit("a", { tools: ["get_*"], by: ["principal"], daily: 9 }), limit("b", { daily: 9 })),
      "servers.weather.limits[0].daily: never refuses: weather.limits.b allows no more of the same calls",
    ],
    [
      "as the server's rate limit is lower",
      { server: { rate_limit: 5, limits: [limit("a", { permits: { minute: 6 } })] } },
      "servers.weather.limits[0].permits.minute: never refuses: weather.rate_limit allows no more of the same calls",
    ],
    [
      "as fewer may be under way at the server",
      { server: { max_concurrent_sessions: 2, limits: [limit("a", { concurrent: 2, by: ["session"] })] } },
      "servers.weather.limits[0].concurrent: never refuses: weather.max_concurrent_sessions allows no more of the same calls",
    ],
    [
      "as an equal one stands before",
      limits(limit("a", { permits: { hour: 5 } }), limit("b", { permits: { hour: 5 } })),
      "servers.weather.limits[1].permits.hour: never refuses: weather.limits.a allows no more of the same calls",
    ],
  ])("%s", (_what, parts, finding) => {
    expect(lint(parts)).toEqual([finding]);
  });

  test.each<[string, DocumentParts]>([
    ["the longer window has more permits", limits(limit("a", { permits: { minute: 5, hour: 40 } }))],
    [
      "the other counts each principal apart",
      limits(limit("a", { daily: 9 }), limit("b", { by: ["principal"], daily: 5 })),
    ],
    ["the other is about other calls", limits(limit("a", { daily: 9 }), limit("b", { tools: ["get_*"], daily: 5 }))],
    ["the other is on trial", limits(limit("a", { daily: 9 }), limit("b", { daily: 5, shadow: true }))],
    ["calls cost more", limits(limit("a", { permits: { hour: 9 }, cost: 3 }), limit("b", { permits: { hour: 5 } }))],
  ])("are none where %s", (_what, parts) => {
    expect(lint(parts)).toEqual([]);
  });
});

describe("rules on results", () => {
  const results = (action: "redact" | "withhold" | "deny" | "truncate", more: object = {}): DocumentParts => ({
    server: { results: [{ id: "a", action, ...more }] },
    packs: [{ name: "empty", description: "", patterns: [], attacks: [], lookalikes: [] }],
  });

  test.each<[string, DocumentParts, string]>([
    [
      "that look for nothing",
      results("redact"),
      'servers.weather.results[0]: looks for nothing, so that every result is meant as a whole; "pointers": [""] says so in words',
    ],
    [
      "that look for nothing that there is",
      results("deny", { packs: ["secrets", "empty"] }),
      "servers.weather.results[0].packs[1]: finds nothing: the pack has no patterns",
    ],
    [
      "that look for something and cut all the same",
      results("truncate", { max_characters: 9, patterns: ["@"] }),
      "servers.weather.results[0].patterns: has no effect: truncate cuts all texts, and looks for none",
    ],
    [
      "that say how much is left where nothing is cut",
      results("redact", { max_characters: 9, patterns: ["@"] }),
      "servers.weather.results[0].max_characters: has no effect: the action is redact, not truncate",
    ],
    [
      "that point at what no result has",
      results("redact", { tools: ["set_alarm"], pointers: ["/structuredContent/id", "/structuredContent/mail"] }),
      "servers.weather.results[0].pointers[1]: no tool that it is about has this in its results",
    ],
  ])("%s", (_what, parts, finding) => {
    expect(lint(parts)).toEqual([finding]);
  });

  test("may point at what tools without a schema, or other parts of results, have", () => {
    const pointers = ["/structuredContent/mail", "/content/0/text", ""];
    expect(lint(results("redact", { tools: ["*"], pointers }))).toEqual([]);
    expect(lint(results("redact", { tools: ["set_alarm"], pointers: pointers.slice(1) }))).toEqual([]);
  });
});
