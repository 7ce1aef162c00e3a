import type { SpanStart } from "./span-documents.ts";

/** Days that documents are kept, as far as figures depend on it; for ever where there is none. */
export interface KeptDays {
  tool_logs?: number | undefined;
  governance_logs?: number | undefined;
  usage_minutes?: number | undefined;
  usage_hours?: number | undefined;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * Whether an hour is to be made from the record itself: some of its minutes are too old for figures of their own, and
 * those may lack what was told of them late.
 */
export function needsRecord({ span, start }: SpanStart, kept: KeptDays, now: Date): boolean {
  if (span !== "hour" || canBeMade({ span: "minute", start }, kept, now)) return false;
  return canBeMade({ span, start, isFromRecord: true }, kept, now);
}

/**
 * Whether everything that the span's figures are made from is still there: made from less, they would be emptied.
 * What has expired goes two hours later, so that an hour and the minutes it began with can be told together.
 */
export function canBeMade(
  { span, start, isFromRecord = false }: SpanStart & { isFromRecord?: boolean },
  kept: KeptDays,
  now: Date,
): boolean {
  const { tool_logs = Infinity, governance_logs = Infinity, usage_minutes = Infinity, usage_hours = Infinity } = kept;
  const age = now.getTime() - start.getTime();
  if (isFromRecord) return age <= Math.min(tool_logs, governance_logs, usage_hours) * DAY_MS;
  if (span === "minute") return age <= Math.min(tool_logs, governance_logs, usage_minutes) * DAY_MS;
  return age <= (span === "hour" ? usage_minutes : usage_hours) * DAY_MS + HOUR_MS;
}
