import { digestOf } from "@mcp-governance-bridge/shared";
import type { AlertRule } from "@mcp-governance-bridge/shared/configuration";
import type { Document } from "../record-store.ts";

export type AnomalyKind = Extract<AlertRule, { kind: "anomaly" }>["of"][number];

/** What an alert is about besides its rule; empty where it is about the whole. */
export interface Subject {
  server_name?: string;
  tool_name?: string;
  method?: string;
  principal?: string;
}

/** The condition of a rule, found to be true. */
export interface Observation {
  rule: Pick<AlertRule, "id" | "kind" | "severity">;
  /** Which of them, where the rule looks for several things. */
  anomaly?: AnomalyKind;
  subject: Subject;
  /** When it was true. */
  at: Date;
  /** For a person, with the numbers that matter. */
  sentence: string;
  /** Numbers, the window, and where to look in the governance API. JSON values and dates. */
  evidence: Document;
  /** No alert where one was begun since then: it is news only once. */
  newsSince?: Date;
}

const KEY_CHARS = 24;

/** One for each rule, kind of anomaly and subject: what episodes are counted by. */
export function keyOf({ rule, anomaly, subject }: Pick<Observation, "rule" | "anomaly" | "subject">): string {
  const { server_name, tool_name, method, principal } = subject;
  return digestOf(JSON.stringify([rule.id, anomaly, server_name, tool_name, method, principal])).slice(0, KEY_CHARS);
}

/** A path of the governance API with its query. */
export function linkTo(path: string, query: Readonly<Record<string, string | Date | undefined>> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, value instanceof Date ? value.toISOString() : value);
  }
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
