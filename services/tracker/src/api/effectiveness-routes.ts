import { GovernanceError, type PolicyAdmin } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import { MAX_PRINCIPALS } from "../usage/figures.ts";
import { sumsBy } from "../usage/read-figures.ts";
import type { RunningSums } from "../usage/sums.ts";
import type { Combination } from "../usage/tally.ts";
import { rulesInForce } from "./effectiveness-policy.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { share } from "./figures-answers.ts";
import { covered, coveredBy, type FiguresSource, window } from "./figures-window.ts";
import { checkPeriod } from "./parameters.ts";

const count = z.int().nonnegative();

const EffectivenessQuery = z.strictObject({ ...window, server_name: z.string().optional() }).superRefine(checkPeriod);

const Effectiveness = z.object({
  ...covered,
  total_denials: count,
  rules: z
    .array(
      z.object({
        rule: z.string(),
        denials: count,
        share: z.number().min(0).max(100).nullable().describe("Percent of all denials"),
        permits: count.describe("Calls that it allowed"),
        would_be_denials: count.describe("Denials that it would have made, on trial or as part of the candidate"),
        codes: z.array(z.string()).describe("The codes of its denials"),
        servers: z.array(z.string()).describe("Where it denied, would have denied, or allowed"),
        principals: count.describe("Distinct principals that it denied or would have denied"),
        principals_exact: z.boolean().describe(`false: there may be more, since only ${MAX_PRINCIPALS} are remembered`),
        last_hit_at: z.iso.datetime().nullable(),
      }),
    )
    .describe("Rules that had an effect: those with the most denials first"),
  policy: z
    .object({
      revision: z.string(),
      never_hit: z
        .array(z.object({ rule: z.string(), effect: z.string(), shadow: z.boolean() }))
        .describe("Policies and limits in force that had no effect in this time"),
    })
    .nullable()
    .describe("null where the policy service could not be asked"),
  policy_error: z.string().nullable().describe("Why it could not be asked"),
});

type Row = z.input<typeof Effectiveness>["rules"][number];

export function effectivenessRoute(source: FiguresSource, policy: PolicyAdmin): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance/effectiveness",
    summary: "What each rule of the policy did: denials, would-be denials, who was denied, and rules that did nothing",
    access: "open",
    query: EffectivenessQuery,
    data: Effectiveness,
    async answer({ query: { server_name, ...asked } }) {
      const { window, covers } = await coveredBy(source, asked);
      const match = { server_name };
      const of = (grouping: "rule" | "permit", ...more: string[]) =>
        sumsBy(source.store, { window, grouping, match, by: ["rule", "server_name", ...more] });
      const [denials, permits, inForce] = await Promise.all([
        of("rule", "code", "shadow"),
        of("permit"),
        asking(policy),
      ]);
      const rules = rowsOf(denials, permits);
      const hit = new Set(rules.map(({ rule }) => rule));
      const isAbout = ({ rule }: { rule: string }): boolean =>
        server_name === undefined || /^(policies|limits)\./.test(rule) || rule.startsWith(`${server_name}.`);
      return {
        json: JSON.stringify({
          ...covers,
          total_denials: rules.reduce((sum, row) => sum + row.denials, 0),
          rules,
          policy: inForce.policy && {
            revision: inForce.policy.revision,
            never_hit: inForce.policy.rules.filter((rule) => !hit.has(rule.rule) && isAbout(rule)),
          },
          policy_error: inForce.error,
        }),
      };
    },
  });
}

async function asking(policy: PolicyAdmin) {
  try {
    return { policy: await rulesInForce(policy), error: null };
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    return { policy: null, error: error.message };
  }
}

interface Effect {
  denials: number;
  permits: number;
  shadows: number;
  codes: Set<string>;
  servers: Set<string>;
  principals: Set<string>;
  isExact: boolean;
  last: Date | null;
}

function rowsOf(denials: readonly Combination[], permits: readonly Combination[]): Row[] {
  const effects = new Map<string, Effect>();
  for (const { members, sums } of denials) {
    const effect = hitOf(effects, members, sums);
    if (members.shadow === true) effect.shadows += sums.calls;
    else effect.denials += sums.calls;
    effect.codes.add(String(members.code));
    for (const principal of sums.principals) effect.principals.add(principal);
    effect.isExact &&= sums.principals.size < MAX_PRINCIPALS;
  }
  for (const { members, sums } of permits) {
    if (members.rule !== null) hitOf(effects, members, sums).permits += sums.calls;
  }
  const total = [...effects.values()].reduce((sum, effect) => sum + effect.denials, 0);
  return [...effects]
    .map(([rule, effect]) => rowOf(rule, effect, total))
    .sort((a, b) => b.denials - a.denials || b.would_be_denials - a.would_be_denials || (a.rule < b.rule ? -1 : 1));
}

function hitOf(effects: Map<string, Effect>, members: Combination["members"], { last_at }: RunningSums): Effect {
  const rule = String(members.rule);
  const effect = effects.get(rule) ?? {
    denials: 0,
    permits: 0,
    shadows: 0,
    codes: new Set(),
    servers: new Set(),
    principals: new Set(),
    isExact: true,
    last: null,
  };
  effects.set(rule, effect);
  effect.servers.add(String(members.server_name));
  if (last_at && !(effect.last && effect.last > last_at)) effect.last = last_at;
  return effect;
}

function rowOf(rule: string, effect: Effect, total: number): Row {
  return {
    rule,
    denials: effect.denials,
    share: share(effect.denials, total),
    permits: effect.permits,
    would_be_denials: effect.shadows,
    codes: [...effect.codes].sort(),
    servers: [...effect.servers].sort(),
    principals: effect.principals.size,
    principals_exact: effect.isExact,
    last_hit_at: effect.last?.toISOString() ?? null,
  };
}
