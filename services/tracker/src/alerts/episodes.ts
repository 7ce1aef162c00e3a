import { randomUUID } from "node:crypto";
import type { AlertRule, Webhook } from "@mcp-governance-bridge/shared/configuration";
import type { Write } from "../record-store.ts";
import { type Alert, newAlert } from "./alert.ts";
import { hourBefore } from "./anomaly/history.ts";
import { keyOf, type Observation } from "./observation.ts";

const MINUTE_MS = 60_000;

/** How long a condition must not have been seen before its alert is over. */
const CLEAR_MS: Readonly<Record<AlertRule["kind"], number>> = {
  violations: 5 * MINUTE_MS,
  error_rate: 5 * MINUTE_MS,
  upstream_down: MINUTE_MS,
  recording_stopped: MINUTE_MS,
  dead_letters: MINUTE_MS,
  // The next hour is judged an hour later at the earliest.
  anomaly: 150 * MINUTE_MS,
};

interface Evaluation {
  now: Date;
  observations: readonly Observation[];
  rules: readonly Pick<AlertRule, "id">[];
  /** Rules that could not be evaluated: what they raised stays as it is. */
  failed: ReadonlySet<string>;
  /** Alerts that fire, by their key. */
  open: ReadonlyMap<string, Alert>;
  webhooks: readonly Webhook[];
  /** The newest episode of an observation that no open alert is about. */
  lastEpisode(observation: Observation): Promise<Alert | undefined>;
}

/** What an evaluation changes: alerts that begin, go on, and end. Applied by two replicas it is the same as by one. */
export async function changesOf(evaluation: Evaluation): Promise<{ writes: Write[]; begun: Alert[] }> {
  const { observations, open } = evaluation;
  const byKey = new Map(observations.map((observation) => [keyOf(observation), observation]));
  const ongoing = [...open.values()].flatMap((alert) => {
    const observation = byKey.get(alert.key);
    return observation ? goesOn(alert, observation) : ends(alert, evaluation);
  });
  const fresh = [...byKey].filter(([key]) => !open.has(key)).map(([, observation]) => observation);
  const begun = (await Promise.all(fresh.map((observation) => begins(observation, evaluation)))).flat();
  const inserts = begun.map(insertOf);
  return { writes: [...ongoing, ...inserts], begun };
}

export function insertOf(alert: Alert): Write {
  const { _id: id, ...document } = alert;
  return { collection: "alerts", id, set: {}, setOnInsert: document };
}

function goesOn(alert: Alert, { at, sentence, evidence, rule }: Observation): Write[] {
  if (at <= alert.last_at) return [];
  const set = { last_at: at, count: alert.count + 1, sentence, evidence, severity: rule.severity };
  return [{ collection: "alerts", id: alert._id, set, onlyIf: { status: "firing" } }];
}

function ends(alert: Alert, { now, rules, failed }: Evaluation): Write[] {
  const hasRule = rules.some(({ id }) => id === alert.rule);
  if (failed.has(alert.rule)) return [];
  if (hasRule && now.getTime() - alert.last_at.getTime() < CLEAR_MS[alert.kind]) return [];
  const set = {
    ...{ status: "resolved", resolved_at: now, resolution: hasRule ? "cleared" : "rule_removed" },
    ...{ undelivered: alert.deliveries.length > 0, version: randomUUID() },
  };
  return [{ collection: "alerts", id: alert._id, set, onlyIf: { status: "firing" } }];
}

async function begins(observation: Observation, { lastEpisode, webhooks, now }: Evaluation): Promise<Alert[]> {
  const last = await lastEpisode(observation);
  if (last && isTold(last, observation)) return [];
  return [newAlert(observation, { episode: (last?.episode ?? 0) + 1, webhooks, now })];
}

/** Of a time that the last episode saw already, or no news. */
function isTold(last: Alert, { rule, at, newsSince }: Observation): boolean {
  if (newsSince !== undefined && last.timestamp >= newsSince) return true;
  // An hour may be judged late, when the alert of an hour before it has ended already.
  if (rule.kind === "anomaly") return hourBefore(at) <= hourBefore(last.last_at);
  return at <= (last.resolved_at ?? last.last_at);
}
