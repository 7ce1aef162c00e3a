import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import type {
  CountersFailureMode,
  LimitRule,
  PolicyDocument,
  ServerPolicySettings,
} from "@mcp-governance-bridge/shared/configuration";
import { zoneOf } from "../checks/schedule-zone.ts";
import { rememberBySubject } from "./by-subject.ts";
import { compileGlobs } from "./glob.ts";
import { type Count, countsOf, LEASE_MS, type Taking, WINDOWS } from "./limit-rules-counts.ts";
import { compileDimensions } from "./limit-rules-dimensions.ts";
import { refuseConcurrency, refuseRate } from "./limit-rules-refusals.ts";
import { isAbout } from "./policy-rules.ts";
import type { RuleLimit } from "./rule-limit.ts";
import { compileSelector, type Selection } from "./selector.ts";

/** The limits that a call must find room in. */
export type Limits = (request: DecisionRequest, now: Date) => readonly RuleLimit[];

/** What the limits on one server's calls have in common. */
interface Scope {
  group: string;
  onFailure: CountersFailureMode;
}

interface RuleScope extends Scope {
  /** The server whose rule it is; undefined for a global one. */
  owner: string | undefined;
  timeZone: string;
}

interface CompiledLimit {
  selection: Selection;
  limitsOf: Limits;
}

/**
 * The limits on a server's calls: its settings, the global rules, its own rules. Where a global rule may be about the server, all
 * its counts are in the group `*`, with those of the other such servers: what one call takes must lie together.
 */
export function compileLimits(document: PolicyDocument, server: string): Limits {
  const settings = document.servers[server];
  if (!settings) return () => [];

  const global = document.global.limits.filter(isAbout(server));
  const own = settings.limits.filter(isAbout(server));
  const onFailure = settings.failure_modes.counters ?? document.global.failure_modes.counters;
  const scope = { group: global.length > 0 ? "*" : server, onFailure };
  const always = limitsOfSettings(server, settings, scope);
  if (global.length + own.length === 0) return () => always;

  const globalScope = { ...scope, owner: undefined, timeZone: zoneOf(document) };
  const ownScope = { ...scope, owner: server, timeZone: zoneOf(document, server) };
  const rules = [
    ...global.map((rule) => compileLimit(rule, globalScope)),
    ...own.map((rule) => compileLimit(rule, ownScope)),
  ];
  const rulesFor = rememberBySubject([...global, ...own], (subject) =>
    rules.filter(({ selection }) => selection.matches(subject)),
  );
  return (request, now) => {
    const about = rulesFor(request);
    return about.length === 0 ? always : [...always, ...about.flatMap(({ limitsOf }) => limitsOf(request, now))];
  };
}

/** The seed's settings. A `rate_limit` of 0 needs no counter: `noCalls` refuses. */
function limitsOfSettings(
  server: string,
  { rate_limit, max_concurrent_sessions }: ServerPolicySettings,
  { group, onFailure }: Scope,
): RuleLimit[] {
  const limits: RuleLimit[] = [];
  if (rate_limit > 0) {
    const rule = `${server}.rate_limit`;
    const excess = { rule, permits: rate_limit, what: "requests per minute" };
    const key = JSON.stringify(["rate_limit", server]);
    limits.push({
      rule,
      limit: { kind: "window", group, key, permits: rate_limit, windowMs: WINDOWS.minute, cost: 1 },
      onFailure,
      isShadow: false,
      refuse: (used, retryAfterMs) => refuseRate(excess, used, retryAfterMs),
    });
  }
  if (max_concurrent_sessions !== undefined) {
    const rule = `${server}.max_concurrent_sessions`;
    const excess = { rule, permits: max_concurrent_sessions, what: "calls under way" };
    const key = JSON.stringify(["max_concurrent_sessions", server]);
    limits.push({
      rule,
      limit: { kind: "concurrent", group, key, permits: max_concurrent_sessions, leaseMs: LEASE_MS },
      onFailure,
      isShadow: false,
      refuse: (used) => refuseConcurrency(excess, used),
    });
  }
  return limits;
}

function compileLimit(rule: LimitRule, { owner, group, onFailure, timeZone }: RuleScope): CompiledLimit {
  const { id, by, on_failure = onFailure, shadow, reason } = rule;
  const name = owner === undefined ? `limits.${id}` : `${owner}.limits.${id}`;
  const { keyOf, whose } = compileDimensions(["limits", owner ?? null, id], by);
  const counts = countsOf(rule, timeZone);
  const costOf = compileCost(rule);
  const areWeighed = rule.cost !== 1 || rule.costs.length > 0;
  const noun = areWeighed ? "permits" : "requests";

  function limitOn(count: Count, request: DecisionRequest, taking: Taking): RuleLimit {
    const limit = count.limitOf(taking);
    return {
      rule: name,
      limit,
      onFailure: on_failure,
      isShadow: shadow,
      refuse(used, retryAfterMs) {
        const weight = areWeighed && count.isRate ? `, this call takes ${taking.cost}` : "";
        const what = `${count.what(noun, taking.now)}${whose(request)} (limit ${id}${weight})`;
        const excess = { rule: name, permits: limit.permits, what, reason };
        return count.isRate ? refuseRate(excess, used, retryAfterMs) : refuseConcurrency(excess, used);
      },
    };
  }

  return {
    selection: compileSelector(rule),
    limitsOf(request, now) {
      const taking = { group, key: keyOf(request), cost: costOf(request), now };
      const asked = taking.cost === 0 ? counts.filter(({ isRate }) => !isRate) : counts;
      return asked.map((count) => limitOn(count, request, taking));
    },
  };
}

/** The permits that a call takes. */
function compileCost({ cost, costs }: LimitRule): (request: DecisionRequest) => number {
  if (costs.length === 0) return () => cost;
  const others = costs.map((other) => ({ matches: compileGlobs(other.tools), cost: other.cost }));
  return ({ method, target }) => {
    if (method !== "tools/call") return cost;
    return others.find(({ matches }) => matches(target))?.cost ?? cost;
  };
}
