import { describe, expect, test } from "vitest";
import { aFile, aServer, problemsOf } from "../../test/configuration.ts";

const bridge = (governance: Record<string, unknown>) => problemsOf(aFile({ a: aServer() }, governance));
const limit = (changes: object) => bridge({ limits: [{ id: "l", daily: 1, ...changes }] });
const result = (changes: object) => bridge({ results: [{ id: "r", action: "redact", ...changes }] });

describe("an unknown key is told with what is probably meant", () => {
  test.each([
    [{ defualt_effect: "deny" }, 'governance.defualt_effect: unknown key (did you mean "default_effect"?)'],
    [
      { failure_modes: { counter: "open" } },
      'governance.failure_modes.counter: unknown key (did you mean "counters"?)',
    ],
    [
      { failure_modes: { counters: { locl: 1, local: 0.5 } } },
      'governance.failure_modes.counters.locl: unknown key (did you mean "local"?)',
    ],
    [
      { policies: [{ id: "p", effect: "deny", wen: "true" }] },
      'governance.policies[0].wen: unknown key (did you mean "when"?)',
    ],
    [
      { limits: [{ id: "l", permits: { minutes: 3 } }] },
      'governance.limits[0].permits.minutes: unknown key (did you mean "minute"?)',
    ],
    [
      { limits: [{ id: "l", by: [{ argument: "/a", argumnt: "/a" }] }] },
      'governance.limits[0].by[0].argumnt: unknown key (did you mean "argument"?)',
    ],
    [
      { limits: [{ id: "l", costs: [{ tools: ["a"], cost: 1, tool: "b" }] }] },
      'governance.limits[0].costs[0].tool: unknown key (did you mean "tools"?)',
    ],
    [{ labels: [{ labels: ["a"], colour: 1 }] }, "governance.labels[0].colour: unknown key"],
  ])("%j", (governance, problem) => {
    expect(bridge(governance)).toEqual([problem]);
  });

  test("and with where it belongs, where that is the governance of another place", () => {
    const governance = { default_effect: "deny", rate_limit: 3 };
    expect(problemsOf(aFile({ a: aServer({ governance, high_security: true }) }, { rate_limit: 3 }))).toEqual([
      'governance.rate_limit: unknown key (it belongs in "governance" of a server)',
      'mcpServers.a.governance.default_effect: unknown key (it belongs in the "governance" of the whole file)',
      'mcpServers.a.high_security: unknown key (it belongs in "governance")',
    ]);
  });
});

describe("a wrong value is told in plain words", () => {
  test.each([
    [bridge({ time_zone: "Berlin" }), "governance.time_zone: is no IANA time zone, e.g. Europe/Berlin"],
    [
      bridge({ policies: [{ id: "a b", effect: "deny" }] }),
      "governance.policies[0].id: must be 1 to 64 letters, digits, dots, underscores and hyphens",
    ],
    [
      bridge({ policies: [{ id: "a", effect: "forbid" }] }),
      "governance.policies[0].effect: must be one of allow, deny, require_approval",
    ],
    [bridge({ policies: [{ effect: "deny" }] }), "governance.policies[0].id: is required"],
    [bridge({ policies: [{ id: "a", effect: "deny", tools: [] }] }), "governance.policies[0].tools: must not be empty"],
    [
      bridge({ policies: [{ id: "a", effect: "deny", annotations: { x: [] } }] }),
      "governance.policies[0].annotations.x: must be true or false without quotes or a string or a number, not a list",
    ],
    [
      limit({ permits: { minute: 1.5 } }),
      "governance.limits[0].permits.minute: must be a whole number, not a fraction",
    ],
    [limit({ cost: 1_001 }), "governance.limits[0].cost: must be at most 1000"],
    [
      limit({ by: ["user"] }),
      "governance.limits[0].by[0]: must be principal or client or session or server or tool or an object with argument, not a string",
    ],
    [limit({ by: [{ argument: "a" }] }), "governance.limits[0].by[0].argument: is no JSON pointer (RFC 6901)"],
    [limit({ on_failure: { local: 0 } }), "governance.limits[0].on_failure.local: must be more than 0"],
    [limit({ on_failure: { local: "half" } }), "governance.limits[0].on_failure.local: must be a number, not a string"],
    [
      limit({ on_failure: 7 }),
      "governance.limits[0].on_failure: must be closed or open or an object with local, not a number",
    ],
    [result({ mask: "x".repeat(101) }), "governance.results[0].mask: must be at most 100 characters"],
  ])("%j", (problems, expected) => {
    expect(problems).toEqual([expected]);
  });
});
