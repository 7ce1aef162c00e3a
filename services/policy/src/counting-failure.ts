import type { Degradation } from "@mcp-governance-bridge/shared";
import type { CounterStore } from "./counter-store.ts";
import { type Counted, looked, taken } from "./counting-answer.ts";
import type { RuleLimit } from "./rules/rule-limit.ts";

interface LocalOptions {
  /** The counts of this replica. */
  local: CounterStore;
  holder: string;
  isTaken: boolean;
}

/** What the limits say while nobody can count for all replicas: refuse, or go on as each of them allows. */
export async function countWithoutStore(limits: readonly RuleLimit[], options: LocalOptions): Promise<Counted> {
  const closed = limits.find(({ onFailure }) => onFailure === "closed");
  if (closed) return refusedFor(closed.rule);
  const bounded = limits.flatMap(boundedShare);
  return { ...(await countHere(bounded, options)), degraded: degradationsOf(limits) };
}

async function countHere(limits: readonly RuleLimit[], { local, holder, isTaken }: LocalOptions): Promise<Counted> {
  const counted = limits.map(({ limit }) => limit);
  return isTaken ? taken(limits, await local.take(counted, holder)) : looked(limits, await local.peek(counted));
}

function refusedFor(rule: string): Counted {
  const reason = "Governance error: the rate counters are not reachable";
  return {
    refusal: { code: "counters_unavailable", rule, reason },
    counters: [],
    degraded: [],
    shadows: [],
    leases: [],
  };
}

/** The limit with this replica's share of its permits: at least one call's worth, where the limit has that. */
function boundedShare(rule: RuleLimit): RuleLimit[] {
  const { limit, onFailure } = rule;
  if (typeof onFailure === "string") return [];
  const cost = limit.kind === "concurrent" ? 1 : limit.cost;
  const share = Math.floor(limit.permits * onFailure.local);
  const permits = Math.max(share, Math.min(limit.permits, Math.max(cost, 1)));
  return [{ ...rule, limit: { ...limit, permits } }];
}

/** One for each rule, however many counts it limits. */
function degradationsOf(limits: readonly RuleLimit[]): Degradation[] {
  const modes = new Map(limits.map(({ rule, onFailure }) => [rule, onFailure === "open" ? "open" : "local"] as const));
  return [...modes].map(([rule, mode]) => ({ rule, dependency: "counters", mode }));
}
