import { canonicalJson } from "@mcp-governance-bridge/shared";
import type { LimitRule, PolicyDocument, Selector } from "@mcp-governance-bridge/shared/configuration";
import type { PolicyProblem } from "../policy-problems.ts";
import { WINDOWS } from "../rules/limit-rules-counts.ts";
import { covers } from "./covers.ts";
import { enabledServers, type Placed, placedRules } from "./placed-rules.ts";

/** One count of a limit, in a form in which limits can be compared. */
export interface LimitCount {
  name: string;
  /** Where it stands; undefined for a setting that may be a default. */
  path: PolicyProblem["path"] | undefined;
  kind: "window" | "daily" | "concurrent";
  /** 0 where it is no window. */
  windowMs: number;
  permits: number;
  /** Texts that are equal where the same is counted apart. */
  by: readonly string[];
  /** Equal where calls take the same. */
  cost: string;
  selector: Selector;
  servers: readonly string[];
  isShadow: boolean;
}

/** All counts of a document: those of its limits, and those of the settings of servers. */
export function limitCounts(document: PolicyDocument): LimitCount[] {
  const ofRules = placedRules(document, "limits").flatMap(countsOf);
  return [...enabledServers(document).flatMap((server) => settingCounts(document, server)), ...ofRules];
}

const COST_OF_CALLS = costOf({ cost: 1, costs: [] });

function settingCounts({ servers }: PolicyDocument, server: string): LimitCount[] {
  const { rate_limit = 0, max_concurrent_sessions } = servers[server] ?? {};
  const common = { path: undefined, by: [], cost: COST_OF_CALLS, selector: {}, servers: [server], isShadow: false };
  const rate = { ...common, name: `${server}.rate_limit`, kind: "window" as const, permits: rate_limit };
  const name = `${server}.max_concurrent_sessions`;
  return [
    { ...rate, windowMs: WINDOWS.minute },
    ...(max_concurrent_sessions === undefined
      ? []
      : [{ ...common, name, kind: "concurrent" as const, windowMs: 0, permits: max_concurrent_sessions }]),
  ];
}

function countsOf({ rule, path, name, servers }: Placed<LimitRule>): LimitCount[] {
  const by = rule.by.map((each) => JSON.stringify(each));
  const common = { name, by, cost: costOf(rule), selector: rule, servers, isShadow: rule.shadow };
  const units = ["second", "minute", "hour", "day"] as const;
  const windows = units.flatMap((unit) => {
    const permits = rule.permits[unit];
    if (permits === undefined) return [];
    const place = [...path, "permits", unit];
    return [{ ...common, path: place, kind: "window" as const, windowMs: WINDOWS[unit], permits }];
  });
  const { daily, concurrent } = rule;
  return [
    ...windows,
    ...(daily === undefined
      ? []
      : [{ ...common, path: [...path, "daily"], kind: "daily" as const, windowMs: 0, permits: daily }]),
    ...(concurrent === undefined
      ? []
      : [{ ...common, path: [...path, "concurrent"], kind: "concurrent" as const, windowMs: 0, permits: concurrent }]),
  ];
}

function costOf({ cost, costs }: Pick<LimitRule, "cost" | "costs">): string {
  return canonicalJson([cost, costs]);
}

/** Whether the other count refuses whatever this one would; of two that are the same, the later is outdone by the earlier. */
export function isOutdone(count: LimitCount, other: LimitCount, isOtherFirst: boolean): boolean {
  return refusesAll(other, count) && (isOtherFirst || !refusesAll(count, other));
}

function refusesAll(outer: LimitCount, inner: LimitCount): boolean {
  return (
    !outer.isShadow &&
    outer.kind === inner.kind &&
    outer.permits <= inner.permits &&
    outer.windowMs >= inner.windowMs &&
    (outer.kind === "concurrent" || outer.cost === inner.cost) &&
    outer.by.every((each) => inner.by.includes(each)) &&
    inner.servers.every((server) => outer.servers.includes(server)) &&
    covers(outer.selector, inner.selector)
  );
}
