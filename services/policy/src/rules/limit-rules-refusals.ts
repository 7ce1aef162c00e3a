import type { Refusal } from "../checks/check.ts";

/** A limit as its refusal tells of it. */
export interface Excess {
  rule: string;
  permits: number;
  /** What is counted, with the words that say whose and by which limit, e.g. `requests per minute for principal alice (limit fair)`. */
  what: string;
  /** The operator's own sentence. */
  reason?: string | undefined;
}

const SECOND_MS = 1_000;

/** A window or a day has not enough permits left. */
export function refuseRate(excess: Excess, used: number, retryAfterMs: number | undefined): Refusal {
  const again = retryAfterMs === undefined ? "" : `; try again in ${duration(retryAfterMs)}`;
  return {
    code: "rate_limit",
    rule: excess.rule,
    reason: `Rate limit exceeded: ${counted(excess, used)}${again}${advice(excess)}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** Too many calls are under way. Nobody can know when one of them ends. */
export function refuseConcurrency(excess: Excess, used: number): Refusal {
  const again = excess.permits === 0 ? "" : "; try again when one of them has ended";
  return {
    code: "concurrency_limit",
    rule: excess.rule,
    reason: `Concurrency limit exceeded: ${counted(excess, used)}${again}${advice(excess)}`,
  };
}

function counted({ permits, what }: Excess, used: number): string {
  return `${used}/${permits} ${what}`;
}

function advice({ reason }: Excess): string {
  return reason === undefined ? "" : `. ${reason}`;
}

/** Rounded up, so that who waits that long has waited long enough. */
function duration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / SECOND_MS));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? "" : ` ${rest} min`}`;
}
