import {
  type DecisionRequest,
  EXIT_BAD_CONFIGURATION,
  type Obligation,
  StartupError,
} from "@mcp-governance-bridge/shared";
import type { PolicyDocument, ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";
import type { Check } from "./checks/check.ts";
import { highSecurity } from "./checks/high-security.ts";
import { noCalls } from "./checks/no-calls.ts";
import { schedule } from "./checks/schedule.ts";
import { zoneOf } from "./checks/schedule-zone.ts";
import { presetOf } from "./checks/security-levels.ts";
import { createPatternChecks, packsOf } from "./pattern-checks.ts";
import { policyProblems } from "./policy-problems.ts";
import type { Defaults } from "./rules/judge.ts";
import { compileLabels } from "./rules/label-rules.ts";
import { compileLimits } from "./rules/limit-rules.ts";
import { createPlanner, type Plan } from "./rules/plan.ts";
import { type CompiledRule, compileRules } from "./rules/policy-rules.ts";
import { compileResults } from "./rules/result-rules.ts";
import type { RuleLimit } from "./rules/rule-limit.ts";
import type { Subject } from "./rules/selector.ts";

/** A check and what it is called where decisions are explained. */
export interface NamedCheck {
  rule: string;
  check: Check;
}

/** One server's rules, ready to be asked. */
export interface ServerPolicy {
  settings: ServerPolicySettings & { disabled: boolean };
  defaults: Defaults;
  /** Asked before the rules. */
  schedule: NamedCheck;
  rules: readonly CompiledRule[];
  planOf(subject: Subject): Plan;
  /** Refuses every call, where the server's rate limit is 0. */
  noCalls: NamedCheck | undefined;
  /** What the counters are asked for. */
  limits(request: DecisionRequest, now: Date): readonly RuleLimit[];
  /** Asked after the counters: patterns, then high security. */
  late: readonly NamedCheck[];
  packs: readonly string[];
  obligations(request: DecisionRequest): readonly Obligation[];
}

/** All rules of one policy document, by the server's name. */
export interface Policies {
  /** As decisions name it. */
  revision: string;
  servers: ReadonlyMap<string, ServerPolicy>;
}

/** Turns settings into checks once, so that a call pays only for the questions. Throws a StartupError that names every problem. */
export function compilePolicies(document: PolicyDocument, name: string): Policies {
  const problems = policyProblems(document);
  if (problems.length > 0) {
    const lines = problems.map(({ path, message }) => `${textOf(path)}: ${message}`);
    throw new StartupError(`invalid policy\n${lines.join("\n")}`, EXIT_BAD_CONFIGURATION);
  }
  const patternCheck = createPatternChecks(document);
  const servers = Object.keys(document.servers).map(
    (server) => [server, compileServer(document, server, patternCheck)] as const,
  );
  return { revision: name, servers: new Map(servers) };
}

/** `servers.weather.blocked_patterns[0]`. */
function textOf(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

type PatternCheck = ReturnType<typeof createPatternChecks>;

function compileServer(document: PolicyDocument, server: string, patternCheck: PatternCheck): ServerPolicy {
  const settings = document.servers[server];
  if (!settings) throw new Error(`no settings of server ${server}`);
  const { global } = document;
  const rules = compileRules(document, server);
  const rate = `${server}.rate_limit`;
  const patterns = `${server}.blocked_patterns`;
  return {
    settings,
    defaults: { effect: global.default_effect, labels: global.failure_modes.labels },
    schedule: { rule: `${server}.schedule`, check: schedule(server, settings, zoneOf(document, server)) },
    rules,
    planOf: createPlanner(rules, compileLabels(document, server)),
    noCalls: settings.rate_limit === 0 ? { rule: rate, check: noCalls(rate) } : undefined,
    limits: compileLimits(document, server),
    late: [{ rule: patterns, check: patternCheck(patterns, settings) }, ...securityChecks(server, settings)],
    packs: packsOf(settings),
    obligations: compileResults(document, server),
  };
}

function securityChecks(server: string, { high_security, security_level }: ServerPolicySettings): NamedCheck[] {
  const asked = high_security ? "high_security" : "security_level";
  if (!high_security && !presetOf(security_level).highSecurity) return [];
  const rule = `${server}.${asked}`;
  return [{ rule, check: highSecurity(rule) }];
}
