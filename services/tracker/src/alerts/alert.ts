import { randomUUID } from "node:crypto";
import type { AlertRule, Webhook } from "@mcp-governance-bridge/shared/configuration";
import type { Document } from "../record-store.ts";
import { type AnomalyKind, keyOf, type Observation, type Subject } from "./observation.ts";

export type AlertState = "firing" | "resolved";

/** What became of telling one webhook of one state of an alert. */
export interface Delivery {
  webhook: string;
  state: AlertState;
  /** `failed`: given up. */
  status: "pending" | "delivered" | "failed";
  attempts: number;
  first_at: Date | null;
  /** When it is tried next; null where it is not. */
  next_at: Date | null;
  last_error: string | null;
  delivered_at: Date | null;
}

/** A document of `alerts`: one episode in which the condition of a rule held for a subject. */
export interface Alert extends Document {
  /** `<key>-<episode>`. */
  _id: string;
  key: string;
  /** Counts from 1. */
  episode: number;
  rule: string;
  kind: AlertRule["kind"];
  /** Of rules of kind `anomaly`. */
  anomaly: AnomalyKind | null;
  severity: AlertRule["severity"];
  subject: Subject;
  status: AlertState;
  /** When the condition was first and last seen to hold. */
  timestamp: Date;
  last_at: Date;
  resolved_at: Date | null;
  /** `cleared`: the condition holds no more; `rule_removed`: nobody looks any more. */
  resolution: "cleared" | "rule_removed" | null;
  /** Evaluations that found the condition true. */
  count: number;
  sentence: string;
  evidence: Document;
  acknowledged_by: string | null;
  acknowledged_at: Date | null;
  acknowledged_why: string | null;
  /** Of anomalies: what it tells of may be learnt as normal. */
  normal: boolean;
  deliveries: Delivery[];
  /** Some of them are pending, or are still to be listed. */
  undelivered: boolean;
  /** Another one after each change of `status`, `deliveries` or `undelivered`. */
  version: string;
  document_type: "alert";
}

interface Beginning {
  episode: number;
  webhooks: readonly Webhook[];
  now: Date;
}

const RANKS: Readonly<Record<AlertRule["severity"], number>> = { info: 0, warning: 1, critical: 2 };

/** The alert that an observation begins. */
export function newAlert(observation: Observation, { episode, webhooks, now }: Beginning): Alert {
  const { rule, anomaly = null, subject, at, sentence, evidence } = observation;
  const key = keyOf(observation);
  const told = webhooks.filter(({ min_severity }) => RANKS[rule.severity] >= RANKS[min_severity]);
  return {
    _id: `${key}-${episode}`,
    ...{ key, episode, rule: rule.id, kind: rule.kind, anomaly, severity: rule.severity, subject },
    ...{ status: "firing", timestamp: at, last_at: at, resolved_at: null, resolution: null, count: 1 },
    ...{ sentence, evidence },
    ...{ acknowledged_by: null, acknowledged_at: null, acknowledged_why: null, normal: false },
    deliveries: told.map(({ id }) => pendingDelivery(id, "firing")),
    undelivered: told.length > 0,
    version: randomUUID(),
    document_type: "alert",
    stored_at: now,
  };
}

export function pendingDelivery(webhook: string, state: AlertState): Delivery {
  return {
    ...{ webhook, state, status: "pending", attempts: 0 },
    ...{ first_at: null, next_at: null, last_error: null, delivered_at: null },
  };
}
