import type { Explanation } from "@mcp-governance-bridge/policy";
import { columns } from "../columns.ts";

interface Outcome {
  effect: string;
  rule: string | null;
  code: string | null;
  reason: string | null;
}

/** `deny by weather.rate_limit (rate_limit): Rate limit exceeded …`. */
export function outcomeText({ effect, rule, code, reason }: Outcome): string {
  if (effect === "permit") return rule === null ? "permit: nothing objects" : `permit by ${rule}`;
  return `deny by ${rule} (${code}): ${reason}`;
}

/** What was looked at and why it comes out so, for people to read. */
export function explanationText(explanation: Explanation, indent = ""): string[] {
  const { steps, limits, labels, packs, obligations, shadows } = explanation;
  const inner = `${indent}  `;
  return [
    ...section("looked at, in this order:", steps.map(stepRow), indent),
    ...section("counted by, if nothing before refuses:", limits.map(limitRow), indent),
    ...list("asked of the gateway:", obligations.map(textOf), indent),
    ...list(
      "would be denied, were it not a trial:",
      shadows.map(({ rule, reason }) => `${rule}: ${reason}`),
      indent,
    ),
    ...(packs.length === 0 ? [] : [`${indent}pattern packs: ${packs.join(", ")}`]),
    ...labelLines(labels, indent),
  ];

  function section(title: string, rows: readonly (readonly (string | number)[])[], indent: string): string[] {
    return rows.length === 0 ? [] : [`${indent}${title}`, ...columns(rows, inner)];
  }

  function list(title: string, lines: readonly string[], indent: string): string[] {
    return lines.length === 0 ? [] : [`${indent}${title}`, ...lines.map((line) => `${inner}${line}`)];
  }
}

function stepRow({ verdict, rule, effect, why, shadow }: Explanation["steps"][number]): string[] {
  return [verdict, rule, shadow ? `${effect}, on trial` : effect, why];
}

function limitRow({ rule, kind, permits, cost, windowMs, shadow }: Explanation["limits"][number]): string[] {
  const span = { window: `in ${(windowMs ?? 0) / 1_000} s`, quota: "in a day", concurrent: "under way" }[kind];
  return [rule, `${permits} ${span}`, `takes ${cost}`, shadow ? "on trial" : ""];
}

function labelLines({ session, call }: Explanation["labels"], indent: string): string[] {
  if (session.length + call.length === 0) return [];
  return [`${indent}labels: the session has ${namesOf(session)}, the call adds ${namesOf(call)}`];
}

function namesOf(labels: readonly string[]): string {
  return labels.length === 0 ? "none" : labels.join(", ");
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}
