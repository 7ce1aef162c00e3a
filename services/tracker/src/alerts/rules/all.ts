import { GovernanceError } from "@mcp-governance-bridge/shared";
import type { AlertRule } from "@mcp-governance-bridge/shared/configuration";
import type { RecordStore } from "../../record-store.ts";
import { type AnomalyWatch, createAnomalyWatch } from "../anomaly/watch.ts";
import type { Observation } from "../observation.ts";
import { deadLetters } from "./dead-letters.ts";
import { errorRate } from "./error-rate.ts";
import type { RuleOf, Sources } from "./rule.ts";
import { trafficOf, type WindowTraffic } from "./traffic.ts";
import { createUpstreamDown } from "./upstream-down.ts";
import { violations } from "./violations.ts";

type Reader = Pick<RecordStore, "aggregate">;

interface Evaluated {
  observations: Observation[];
  failures: { rule: string; reason: string }[];
}

export interface Rules {
  /** Where the conditions of rules are true; of `recording_stopped` nothing. Rejects only where the record is away. */
  evaluate(rules: readonly AlertRule[], now: Date): Promise<Evaluated>;
  /** To be called when what was observed is kept. */
  kept(): void;
}

/** Evaluates rules over the record. */
export function createRules(store: Reader): Rules {
  const upstreamDown = createUpstreamDown();
  const anomalies = new Map<string, AnomalyWatch>();

  const watchOf = (rule: RuleOf<"anomaly">): AnomalyWatch => {
    const name = JSON.stringify(rule);
    const watch = anomalies.get(name) ?? createAnomalyWatch(store, rule);
    anomalies.set(name, watch);
    return watch;
  };

  const observe = async (rule: AlertRule, sources: Sources): Promise<Observation[]> => {
    switch (rule.kind) {
      case "violations":
        return violations(rule, sources);
      case "error_rate":
        return errorRate(rule, sources);
      case "upstream_down":
        return upstreamDown(rule, sources);
      case "dead_letters":
        return deadLetters(rule, sources);
      case "anomaly":
        return watchOf(rule).look(sources.now);
      case "recording_stopped":
        return [];
    }
  };

  const observeOrFail = async (rule: AlertRule, sources: Sources): Promise<Evaluated> => {
    try {
      return { observations: await observe(rule, sources), failures: [] };
    } catch (error) {
      if (GovernanceError.from(error).code === "store.unavailable") throw error;
      const reason = error instanceof Error ? error.message : String(error);
      return { observations: [], failures: [{ rule: rule.id, reason }] };
    }
  };

  return {
    async evaluate(rules, now) {
      const sources: Sources = { store, now, traffic: onceForEach((minutes) => trafficOf(store, minutes, now)) };
      const names = new Set(rules.map((rule) => JSON.stringify(rule)));
      for (const name of anomalies.keys()) if (!names.has(name)) anomalies.delete(name);
      const results: Evaluated[] = [];
      for (const rule of rules) results.push(await observeOrFail(rule, sources));
      return {
        observations: results.flatMap(({ observations }) => observations),
        failures: results.flatMap(({ failures }) => failures),
      };
    },
    kept() {
      for (const watch of anomalies.values()) watch.kept();
    },
  };
}

function onceForEach(read: (minutes: number) => Promise<WindowTraffic>): Sources["traffic"] {
  const known = new Map<number, Promise<WindowTraffic>>();
  return (minutes) => {
    const present = known.get(minutes) ?? read(minutes);
    known.set(minutes, present);
    return present;
  };
}
