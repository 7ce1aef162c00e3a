import { numberText } from "./html-parts.ts";
import type { Report } from "./report.ts";

/** Sentences for whoever reads nothing but the beginning: each names something that a record without fault does not have. */
export function attentionOf({
  integrity,
  integrity_error,
  coverage,
  decisions,
  period,
  alerts,
  calls,
}: Report): string[] {
  const points: string[] = [];
  const count = (number: number, what: string): void => {
    if (number > 0) points.push(`${what}: ${numberText(number)}.`);
  };
  if (!integrity) points.push(`The integrity of the record was not checked: ${integrity_error}`);
  else if (!integrity.intact)
    points.push(`The audit trail is not intact. Findings: ${numberText(integrity.findings_total)}.`);
  count(coverage.dead_letters.unresolved, "Messages that could not be processed and wait in the dead letters");
  count(calls.total - coverage.calls.with_decision, "Calls on record without their decision");
  count(calls.unknown, "Calls whose end nobody saw, which may have run");
  if (period.is_over) count(calls.open, "Calls that have not ended on record");
  count(coverage.recording_off.length, "Recording settings that are off, so that some calls are kept in part");
  count(decisions.degraded, "Decisions made while a dependency was away, as rules permit");
  count(coverage.calls.payloads_expired, "Calls that have lost their inputs and outputs to retention");
  count(alerts.critical_firing, "Critical alerts that are still firing");
  if (!period.is_over) points.push("The period is not over: figures may grow.");
  return points;
}
