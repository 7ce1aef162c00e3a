import type { DecisionRequest, Visibility, VisibilityQuery } from "@mcp-governance-bridge/shared";
import type { Policies, ServerPolicy } from "./compile-policies.ts";
import { isNeverGranted } from "./never-granted.ts";
import type { CompiledRule } from "./rules/policy-rules.ts";
import type { Subject } from "./rules/selector.ts";

type Asker = Pick<VisibilityQuery, "principal" | "roles" | "client">;
type Item = VisibilityQuery["items"][number];

/** Which items no call of the asker can ever reach, whatever its arguments and the time of day. */
export function visible({ revision, servers }: Policies, { items, ...asker }: VisibilityQuery): Visibility {
  const hidden = items.flatMap((item, index) => (isHidden(servers.get(item.server), asker, item) ? [index] : []));
  return { revision, hidden };
}

function isHidden(policy: ServerPolicy | undefined, asker: Asker, item: Item): boolean {
  if (!policy || isClosed(policy)) return true;
  const subject: Subject = { ...asker, ...item };
  return isDeniedByRule(policy, subject) || isDeniedAnyway(policy, subject);
}

/** No time is allowed, or no call is. */
function isClosed({ settings, noCalls }: ServerPolicy): boolean {
  const { disabled, allowed_hours, allowed_weekdays, allowed_times, allowed_dates } = settings;
  const times = [allowed_hours, allowed_weekdays, allowed_times, allowed_dates];
  return disabled || noCalls !== undefined || times.some((list) => list?.length === 0);
}

function isDeniedByRule({ rules, defaults, planOf }: ServerPolicy, subject: Subject): boolean {
  const [denying, allowing] = isTemplate(subject)
    ? templateRules(rules, subject)
    : [planOf(subject).rules, planOf(subject).rules];
  if (denying.some((rule) => rule.effect !== "allow" && isUnconditional(rule))) return true;
  return defaults.effect === "deny" && !allowing.some(({ effect }) => effect === "allow");
}

function isUnconditional({ condition, closes }: CompiledRule): boolean {
  return condition === undefined && closes === undefined;
}

/** A resource template stands for many URIs; no URI contains a brace. */
function isTemplate({ method, target }: Subject): boolean {
  return method.startsWith("resources/") && target.includes("{");
}

/** Those about all URIs of a template, and those about some. */
function templateRules(rules: readonly CompiledRule[], subject: Subject): [CompiledRule[], CompiledRule[]] {
  const inForce = rules.filter(({ isShadow }) => !isShadow);
  return [
    inForce.filter(({ templates }) => templates.all.matches(subject)),
    inForce.filter(({ templates }) => templates.some.matches(subject)),
  ];
}

const SOME_CALL = { callId: "00000000-0000-4000-8000-000000000000", sessionId: "", arguments: undefined };
const SOME_TIME = { now: new Date(0) };

/** By its name alone, or by a limit without permits. */
function isDeniedAnyway({ late, limits }: ServerPolicy, subject: Subject): boolean {
  if (isTemplate(subject)) return false;
  const request: DecisionRequest = { ...SOME_CALL, ...subject };
  if (late.some(({ check }) => check(request, SOME_TIME) !== undefined)) return true;
  return limits(request, SOME_TIME.now).some(isNeverGranted);
}
