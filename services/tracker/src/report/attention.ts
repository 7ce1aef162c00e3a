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
  const count = (number: number, sentence: string): void => {
    if (number > 0) points.push(`${numberText(number)} ${sentence}`);
  };
  if (!integrity) points.push(`The integrity of the record was not checked: ${integrity_error}`);
  else if (!integrity.intact)
    points.push(`The check of the audit trail has ${numberText(integrity.findings_total)} findings.`);
  count(coverage.dead_letters.unresolved, "messages could not be processed and wait in the dead letters.");
  count(calls.total - coverage.calls.with_decision, "calls are on record without their decision.");
  count(calls.unknown, "calls ended without anybody seeing how: they may have run.");
  if (period.is_over) count(calls.open, "calls have not ended on record.");
  count(coverage.recording_off.length, "recording settings are off, so that some calls are kept in part.");
  count(decisions.degraded, "decisions were made while a dependency was away, as rules permit.");
  count(coverage.calls.payloads_expired, "calls have lost their inputs and outputs to retention.");
  count(
    alerts.alerts.items.filter(({ status, severity }) => status === "firing" && severity === "critical").length,
    "critical alerts are still firing.",
  );
  if (!period.is_over) points.push("The period is not over: figures may grow.");
  return points;
}
