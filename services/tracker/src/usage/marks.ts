import type { Document, RecordStore, Write } from "../record-store.ts";
import { SPANS, type Span } from "./figures.ts";
import type { SpanStart } from "./span-documents.ts";

/** A span whose figures are to be made anew, and the marks that say so. */
export interface Pending extends SpanStart {
  /** Of marks that whoever records may set again at any time. */
  recorders: readonly string[];
  /** Of marks that only a run of the rollup sets, once. */
  ours: readonly string[];
  /** When the newest of them was set. */
  newest: Date;
}

const MOST = 10_000;
const EPOCH = new Date(0);

/** Spans of this kind that are marked, oldest first: those whose marks are the oldest, where there are very many. */
export async function pendingSpans(store: Pick<RecordStore, "aggregate">, span: Span): Promise<Pending[]> {
  const marks = await store.aggregate("usage_marks", [
    { $match: { marked_at: { $gt: EPOCH } } },
    { $sort: { marked_at: 1, _id: 1 } },
    { $limit: MOST },
  ]);
  const byStart = new Map<number, Pending>();
  for (const mark of marks) {
    if ((mark.span ?? "minute") === span) addMark(byStart, span, mark);
  }
  return [...byStart.values()].sort((a, b) => a.start.getTime() - b.start.getTime());
}

function addMark(byStart: Map<number, Pending>, span: Span, mark: Document): void {
  const start = beginningOf(span, mark.timestamp as Date);
  const known = byStart.get(start.getTime()) ?? { span, start, recorders: [], ours: [], newest: EPOCH };
  const kind = mark.span === undefined ? "recorders" : "ours";
  const markedAt = mark.marked_at as Date;
  byStart.set(start.getTime(), {
    ...known,
    [kind]: [...known[kind], String(mark._id)],
    newest: new Date(Math.max(markedAt.getTime(), known.newest.getTime())),
  });
}

/** Beginning of the span that the time lies in. */
export function beginningOf(span: Span, time: Date): Date {
  const { ms } = SPANS[span];
  return new Date(Math.floor(time.getTime() / ms) * ms);
}

/** A mark of this run alone, so that whoever clears it cannot clear what another run has set meanwhile. */
export function markOf({ span, start }: SpanStart, { run, at }: { run: string; at: Date }): Write {
  return {
    collection: "usage_marks",
    id: `${span}/${start.toISOString()}/${run}`,
    set: { timestamp: start, span, marked_at: at },
  };
}

/** Up to when everything that was on record is in the figures of each span; null before the first run. */
export type Freshness = Record<Span, Date | null>;

const FRESHNESS = "freshness";

export async function readFreshness(store: Pick<RecordStore, "aggregate">): Promise<Freshness> {
  const [found] = await store.aggregate("usage_marks", [{ $match: { _id: FRESHNESS } }]);
  const of = (span: Span): Date | null => (found?.[span] as Date | undefined) ?? null;
  return { minute: of("minute"), hour: of("hour"), day: of("day") };
}

export function freshnessWrite(freshness: Freshness): Write {
  return { collection: "usage_marks", id: FRESHNESS, set: { timestamp: EPOCH, ...freshness } };
}
