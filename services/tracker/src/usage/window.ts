import { GovernanceError } from "@mcp-governance-bridge/shared";
import type { KeptDays } from "./expiry.ts";
import { SPANS, type Span } from "./figures.ts";
import { beginningOf } from "./marks.ts";

/** What is asked for: the last so many hours, or a range. */
export interface AskedWindow {
  hours?: number | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** Whole spans whose figures answer a question. */
export interface Window {
  from: Date;
  /** Exclusive. */
  to: Date;
  span: Span;
}

interface WindowOptions {
  now: Date;
  kept: KeptDays;
  /** No smaller spans than these. */
  least?: Span | undefined;
  /** Exactly these. */
  span?: Span | undefined;
}

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 24;
export const MAX_HOURS = 366 * 24;
const FINE_HOURS = { minute: 2, hour: 72 } as const;

/**
 * Spans that cover what is asked for: minutes for up to 2 hours, hours for up to 72, days beyond, or larger ones where
 * those are kept no longer. Throws `request.invalid` for a window that ends before it begins, or is over a year.
 */
export function windowOf(asked: AskedWindow, options: WindowOptions): Window {
  const { from, to } = rangeOf(asked, options.now);
  const hours = (to.getTime() - from.getTime()) / HOUR_MS;
  if (hours <= 0) throw new GovernanceError("request.invalid", "from: must be before to, and before the present time");
  if (hours > MAX_HOURS) throw new GovernanceError("request.invalid", "hours: no more than 366 days can be asked for");
  const span = options.span ?? spanFor({ from, hours }, options);
  const { ms } = SPANS[span];
  return { from: beginningOf(span, from), to: new Date(Math.ceil(to.getTime() / ms) * ms), span };
}

function rangeOf({ hours = DEFAULT_HOURS, from, to }: AskedWindow, now: Date): { from: Date; to: Date } {
  const end = to ?? now;
  return { from: from ?? new Date(Math.max(0, end.getTime() - hours * HOUR_MS)), to: end };
}

function spanFor({ from, hours }: { from: Date; hours: number }, { now, kept, least }: WindowOptions): Span {
  const age = (now.getTime() - from.getTime()) / HOUR_MS;
  const { usage_minutes = Infinity, usage_hours = Infinity } = kept;
  const isAtLeast = (span: Span): boolean => least === undefined || SPANS[span].ms >= SPANS[least].ms;
  if (isAtLeast("minute") && hours <= FINE_HOURS.minute && age <= usage_minutes * 24) return "minute";
  return isAtLeast("hour") && hours <= FINE_HOURS.hour && age <= usage_hours * 24 ? "hour" : "day";
}
