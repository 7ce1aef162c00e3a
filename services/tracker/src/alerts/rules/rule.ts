import type { AlertRule } from "@mcp-governance-bridge/shared/configuration";
import type { RecordStore } from "../../record-store.ts";
import type { Observation } from "../observation.ts";
import type { WindowTraffic } from "./traffic.ts";

export type RuleOf<Kind extends AlertRule["kind"]> = Extract<AlertRule, { kind: Kind }>;

/** What rules look at. */
export interface Sources {
  store: Pick<RecordStore, "aggregate">;
  now: Date;
  /** The calls of the last so many minutes. */
  traffic(minutes: number): Promise<WindowTraffic>;
}

/** Finds where the condition of a rule is true at this moment. */
export type Evaluate<Kind extends AlertRule["kind"]> = (rule: RuleOf<Kind>, sources: Sources) => Promise<Observation[]>;

/** A number as people read it. */
export function figure(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

/** The largest first, as text: `weather 40, files 22`. */
export function largest(counts: ReadonlyMap<string, number>, limit = 3): string {
  const sorted = [...counts].toSorted(([, one], [, other]) => other - one);
  return sorted
    .slice(0, limit)
    .map(([name, count]) => `${name} ${figure(count)}`)
    .join(", ");
}
