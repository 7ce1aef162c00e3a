import type { Document, RecordStore } from "../../record-store.ts";
import { SPANS } from "../../usage/figures.ts";
import { pendingSpans } from "../../usage/marks.ts";

export interface ServerCalls {
  success: number;
  error: number;
}

/** Calls of a window of time. */
export interface WindowTraffic {
  from: Date;
  to: Date;
  /** Permitted calls that ended, by server. */
  calls: ReadonlyMap<string, ServerCalls>;
  denials: readonly { server_name: string; code: string; count: number }[];
}

type Reader = Pick<RecordStore, "aggregate">;

interface Range {
  from: number;
  to: number;
}

const MINUTE_MS = SPANS.minute.ms;
const HOUR_MS = SPANS.hour.ms;
/** Figures of an hour are told anew for a while after it is over. */
const SETTLED_MS = 15 * MINUTE_MS;
/** Minutes whose figures are behind are counted from the record, as long as that is cheap. */
const MAX_RAW_MINUTES = 5;
const MAX_RAW_CALLS = 2_000;

/**
 * What happened in the last so many minutes, the one that it began in included whole: from the figures of hours and
 * minutes, and from the record itself where those are behind.
 */
export async function trafficOf(store: Reader, minutes: number, now: Date): Promise<WindowTraffic> {
  const from = floor(now.getTime() - minutes * MINUTE_MS, MINUTE_MS);
  const to = floor(now.getTime(), MINUTE_MS) + MINUTE_MS;
  const sum = createSum();
  const { hours, minutes: rest } = partsOf(from, to, now.getTime());
  if (hours.to > hours.from) for (const figures of await figuresIn(store, "hour", hours)) sum.add(figures);
  for (const range of rest) await addMinutes(store, range, sum);
  return { from: new Date(from), to: new Date(to), calls: sum.calls, denials: [...sum.denials.values()] };
}

/** Whole hours that are over for long, and the minutes before and after them. */
function partsOf(from: number, to: number, now: number): { hours: Range; minutes: Range[] } {
  const start = Math.ceil(from / HOUR_MS) * HOUR_MS;
  const end = Math.max(start, floor(now - SETTLED_MS, HOUR_MS));
  if (start === end) return { hours: { from: start, to: start }, minutes: [{ from, to }] };
  const minutes = [
    { from, to: start },
    { from: end, to },
  ];
  return { hours: { from: start, to: end }, minutes: minutes.filter((range) => range.to > range.from) };
}

async function addMinutes(store: Reader, range: Range, sum: Sum): Promise<void> {
  const [figures, pending] = await Promise.all([figuresIn(store, "minute", range), pendingSpans(store, "minute")]);
  const behind = pending
    .map(({ start }) => start.getTime())
    .filter((minute) => minute >= range.from && minute < range.to);
  const counted = new Set<number>();
  for (const minute of behind.slice(-MAX_RAW_MINUTES)) {
    const raw = await rawFigures(store, { from: minute, to: minute + MINUTE_MS });
    if (!raw) continue;
    counted.add(minute);
    for (const each of raw) sum.add(each);
  }
  for (const each of figures) if (!counted.has((each.timestamp as Date).getTime())) sum.add(each);
}

function figuresIn(store: Reader, span: "minute" | "hour", range: Range): Promise<Document[]> {
  const condition = { grouping: { $in: ["server", "rule"] }, ...within(range) };
  const members = { grouping: 1, timestamp: 1, server_name: 1, code: 1, shadow: 1, calls: 1, success: 1, error: 1 };
  return store.aggregate(SPANS[span].collection, [{ $match: condition }, { $project: members }]);
}

/** The record in the form of figures; undefined where there is too much of it. */
async function rawFigures(store: Reader, range: Range): Promise<Document[] | undefined> {
  const ended = { status: { $in: ["success", "error"] }, ...within(range) };
  const denied = { decision: "denied", ...within(range) };
  const read = (collection: "tool_logs" | "governance_logs", $match: Document, $project: Document) =>
    store.aggregate(collection, [{ $match }, { $limit: MAX_RAW_CALLS + 1 }, { $project }]);
  const [calls, denials] = await Promise.all([
    read("tool_logs", ended, { server_name: 1, status: 1, counted: 1 }),
    read("governance_logs", denied, { server_name: 1, policy_violation: 1 }),
  ]);
  if (calls.length > MAX_RAW_CALLS || denials.length > MAX_RAW_CALLS) return undefined;
  return [
    ...calls
      .filter(({ counted }) => counted !== false)
      .map(({ server_name, status }) => ({
        grouping: "server",
        ...{ server_name, success: status === "success" ? 1 : 0, error: status === "error" ? 1 : 0 },
      })),
    ...denials.map(({ server_name, policy_violation: code }) => ({ grouping: "rule", server_name, code, calls: 1 })),
  ];
}

type Sum = ReturnType<typeof createSum>;

function createSum() {
  const calls = new Map<string, ServerCalls>();
  const denials = new Map<string, { server_name: string; code: string; count: number }>();
  const add = (figures: Document): void => {
    const server_name = String(figures.server_name);
    if (figures.grouping === "server") {
      const present = calls.get(server_name) ?? { success: 0, error: 0 };
      calls.set(server_name, {
        success: present.success + Number(figures.success),
        error: present.error + Number(figures.error),
      });
    } else if (figures.shadow !== true) {
      const key = JSON.stringify([server_name, figures.code]);
      const present = denials.get(key) ?? { server_name, code: String(figures.code), count: 0 };
      denials.set(key, { ...present, count: present.count + Number(figures.calls) });
    }
  };
  return { calls, denials, add };
}

function within({ from, to }: Range): Document {
  return { timestamp: { $gte: new Date(from), $lt: new Date(to) } };
}

function floor(ms: number, span: number): number {
  return Math.floor(ms / span) * span;
}
