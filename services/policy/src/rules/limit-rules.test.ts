import { PolicyDocument, type ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { keyOf, limitsOf, noon, oneLimit, ownLimits, sharedLimits, twoServers } from "../../test/limits.ts";
import { compileLimits } from "./limit-rules.ts";

type Given = Record<string, unknown>;

describe("rate_limit", () => {
  const document = twoServers({ weather: { rate_limit: 5 } });

  test("row 55: is so many calls in any 60 seconds, refused in the seed's words and told when to come back", () => {
    const { rule, limit, refuse, isShadow } = oneLimit(document);
    expect({ rule, isShadow }).toEqual({ rule: "weather.rate_limit", isShadow: false });
    expect(limit).toMatchObject({ kind: "window", group: "weather", permits: 5, windowMs: 60_000, cost: 1 });
    expect(refuse(5, 11_001)).toEqual({
      code: "rate_limit",
      rule: "weather.rate_limit",
      reason: "Rate limit exceeded: 5/5 requests per minute; try again in 12 s",
      retryAfterMs: 11_001,
    });
    expect(refuse(5, undefined)).toEqual({
      code: "rate_limit",
      rule: "weather.rate_limit",
      reason: "Rate limit exceeded: 5/5 requests per minute",
    });
  });

  test("of 0 asks no counter", () => {
    expect(limitsOf(twoServers({ weather: { rate_limit: 0 } }))).toEqual([]);
  });

  test("alone costs a call nothing but the look at it", () => {
    const limits = compileLimits(document, "weather");
    expect(limits(aRequest(), noon)).toBe(limits(aRequest({ target: "other" }), new Date()));
  });

  test("is not asked for a server that is not in the document", () => {
    expect(limitsOf(document, aRequest({ server: "nowhere" }))).toEqual([]);
  });
});

test("row 59: max_concurrent_sessions is so many calls under way", () => {
  const { rule, limit, refuse } = oneLimit(twoServers({ weather: { max_concurrent_sessions: 3 } }));
  expect(limit).toMatchObject({ kind: "concurrent", group: "weather", permits: 3, leaseMs: 900_000 });
  expect(refuse(3, undefined)).toEqual({
    code: "concurrency_limit",
    rule,
    reason: "Concurrency limit exceeded: 3/3 calls under way; try again when one of them has ended",
  });
  expect(rule).toBe("weather.max_concurrent_sessions");
});

describe("rules in limits", () => {
  test("row 56: count for themselves, a server's or for all servers", () => {
    const rule = { id: "fair", permits: { minute: 5 } };
    expect(oneLimit(ownLimits(rule)).rule).toBe("weather.limits.fair");
    expect(oneLimit(sharedLimits(rule)).rule).toBe("limits.fair");
    expect(keyOf(ownLimits(rule))).not.toBe(keyOf(sharedLimits(rule)));
    expect(keyOf(sharedLimits(rule))).toBe(keyOf(sharedLimits(rule), aRequest({ server: "files" })));
  });

  test("are as many limits as they have windows, quotas and bounds", () => {
    const limits = limitsOf(
      ownLimits({ id: "all", permits: { second: 1, minute: 2, hour: 3, day: 4 }, daily: 5, concurrent: 6 }),
    );
    const shapes = limits.map(({ limit }) => [limit.kind, limit.permits, limit.kind === "window" && limit.windowMs]);
    expect(shapes).toEqual([
      ["window", 1, 1_000],
      ["window", 2, 60_000],
      ["window", 3, 3_600_000],
      ["window", 4, 86_400_000],
      ["quota", 5, false],
      ["concurrent", 6, false],
    ]);
  });

  test("are asked of the calls that they select, whoever asks whom", () => {
    const document = ownLimits({
      id: "asks",
      methods: ["sampling/createMessage"],
      principals: ["ali*"],
      permits: { day: 1 },
    });
    const request = aRequest({
      method: "sampling/createMessage",
      target: "sampling/createMessage",
      principal: "alice",
    });
    expect(limitsOf(document, request)).toHaveLength(1);
    expect(limitsOf(document, { ...request, principal: "bob" })).toEqual([]);
    expect(limitsOf(document, aRequest({ principal: "alice" }))).toEqual([]);
  });

  test("select by each member of a call alone, also after other calls were asked about", () => {
    const limits = compileLimits(
      ownLimits(
        { id: "a", tools: ["read_*"], permits: { day: 1 } },
        { id: "b", roles: ["admin"], permits: { day: 1 } },
        { id: "c", annotations: { destructiveHint: true }, permits: { day: 1 } },
        { id: "d", clients: ["cursor"], permits: { day: 1 } },
      ),
      "weather",
    );
    const rulesFor = (given: Parameters<typeof aRequest>[0]) =>
      limits(aRequest(given), noon).map(({ rule }) => rule.replace("weather.limits.", ""));
    for (let round = 0; round < 2; round += 1) {
      expect(rulesFor({})).toEqual([]);
      expect(rulesFor({ target: "read_file" })).toEqual(["a"]);
      expect(rulesFor({ roles: ["user", "admin"] })).toEqual(["b"]);
      expect(rulesFor({ annotations: { destructiveHint: true } })).toEqual(["c"]);
      expect(rulesFor({ client: { name: "cursor", version: "1" } })).toEqual(["d"]);
    }
  });

  test.each([
    [{}, {}, "closed"],
    [{ counters: "open" }, {}, "open"],
    [{ counters: "open" }, { counters: { local: 0.5 } }, { local: 0.5 }],
  ])(
    "go by the failure mode of their own, else the server's, else the global one: %j %j",
    (global, server, expected) => {
      const rule = { id: "fair", permits: { minute: 5 } };
      const document = twoServers({
        global: { failure_modes: global, limits: [rule] },
        weather: { rate_limit: 5, failure_modes: server, limits: [{ ...rule, on_failure: "closed" }] },
      });
      expect(limitsOf(document).map(({ onFailure }) => onFailure)).toEqual([expected, expected, "closed"]);
    },
  );

  test("on trial say so", () => {
    expect(oneLimit(ownLimits({ id: "try", permits: { minute: 5 }, shadow: true })).isShadow).toBe(true);
  });
});

describe("groups", () => {
  const rule = { id: "fair", permits: { minute: 5 } };
  const groupsIn = (document: PolicyDocument) => limitsOf(document).map(({ limit }) => limit.group);

  test("a server alone has its own", () => {
    expect(groupsIn(twoServers({ weather: { rate_limit: 5, limits: [rule] } }))).toEqual(["weather", "weather"]);
  });

  test("a global rule on other servers changes nothing", () => {
    const global = { limits: [{ ...rule, servers: ["fil*"] }] };
    expect(groupsIn(twoServers({ global, weather: { rate_limit: 5 } }))).toEqual(["weather"]);
  });

  test("a global rule that may be about the server joins all its counts, also of calls that the rule is not about", () => {
    const global = { limits: [{ ...rule, tools: ["never"] }] };
    expect(groupsIn(twoServers({ global, weather: { rate_limit: 5 } }))).toEqual(["*"]);
  });
});

describe("the limits of one call", () => {
  const dimension = fc.constantFrom<unknown>("principal", "session", "tool", { argument: "/city" });
  const permits = fc.dictionary(fc.constantFrom("second", "minute", "hour", "day"), fc.nat(9));
  const rule = fc.record({
    by: fc.array(dimension, { maxLength: 2 }),
    permits,
    daily: fc.nat(9),
    concurrent: fc.nat(9),
  });
  const rules = fc
    .uniqueArray(fc.constantFrom("a", "rate_limit", "limits.a", "weather.limits.a"), { maxLength: 3 })
    .chain((ids) => fc.tuple(...ids.map((id) => rule.map((members) => ({ id, ...members })))));
  const names = fc.constantFrom("weather", "limits", "a.limits");

  test("are in one group, and no two are one count", () => {
    fc.assert(
      fc.property(names, rules, rules, (server, global, limits) => {
        const settings: Partial<ServerPolicySettings> & Given = {
          rate_limit: 5,
          max_concurrent_sessions: 2,
          limits: limits as never,
          disabled: false,
        };
        const document = PolicyDocument.parse({
          global: { limits: global },
          servers: { [server]: settings },
          packs: [],
        });
        const taken = limitsOf(document, aRequest({ server })).map(({ limit }) => limit);
        const counts = taken.map(({ kind, key, ...rest }) =>
          JSON.stringify([kind, key, "windowMs" in rest && rest.windowMs]),
        );
        expect(new Set(counts).size).toBe(counts.length);
        expect(new Set(taken.map(({ group }) => group))).toEqual(new Set([global.length > 0 ? "*" : server]));
      }),
    );
  });
});
