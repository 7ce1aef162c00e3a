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
  /** Whether an hour is to be made from the record itself, since its minutes were never made. */
  isFromRecord: boolean;
}

const MARKS_AT_ONCE = 5_000;
const EPOCH = new Date(0);

/** Spans of this kind that are marked, oldest first. */
export async function pendingSpans(store: Pick<RecordStore, "aggregate">, span: Span): Promise<Pending[]> {
  const byStart = new Map<number, Pending>();
  let last: Document | undefined;
  do {
    const marks = await marksAfter(store, last);
    for (const mark of marks) {
      if ((mark.span ?? "minute") === span) addMark(byStart, span, mark);
    }
    last = marks.length === MARKS_AT_ONCE ? marks.at(-1) : undefined;
  } while (last);
  return [...byStart.values()].sort((a, b) => a.start.getTime() - b.start.getTime());
}

function marksAfter(store: Pick<RecordStore, "aggregate">, last: Document | undefined): Promise<Document[]> {
  const after = last && { $or: [{ marked_at: { $gt: last.marked_at } }, { _id: { $gt: last._id } }] };
  return store.aggregate("usage_marks", [
    { $match: { marked_at: last ? { $gte: last.marked_at } : { $gt: EPOCH }, ...after } },
    { $sort: { marked_at: 1, _id: 1 } },
    { $limit: MARKS_AT_ONCE },
  ]);
}

function addMark(byStart: Map<number, Pending>, span: Span, mark: Document): void {
  const start = beginningOf(span, mark.timestamp as Date);
  const none = { span, start, recorders: [], ours: [], newest: EPOCH, isFromRecord: false };
  const known = byStart.get(start.getTime()) ?? none;
  const kind = mark.span === undefined ? "recorders" : "ours";
  const markedAt = mark.marked_at as Date;
  byStart.set(start.getTime(), {
    ...known,
    [kind]: [...known[kind], String(mark._id)],
    newest: new Date(Math.max(markedAt.getTime(), known.newest.getTime())),
    isFromRecord: known.isFromRecord || mark.from_record === true,
  });
}

/** Beginning of the span that the time lies in. */
export function beginningOf(span: Span, time: Date): Date {
  const { ms } = SPANS[span];
  return new Date(Math.floor(time.getTime() / ms) * ms);
}

/** A mark of this run alone, so that whoever clears it cannot clear what another run has set meanwhile. */
export function markOf(
  { span, start, isFromRecord = false }: SpanStart & { isFromRecord?: boolean },
  { run, at }: { run: string; at: Date },
): Write {
  return {
    collection: "usage_marks",
    id: `${span}/${start.toISOString()}/${run}`,
    set: { timestamp: start, span, marked_at: at, ...(isFromRecord && { from_record: true }) },
  };
}

/** Up to when everything that was on record is in the figures of each span; null before the first run. */
export type Freshness = Record<Span, Date | null>;

const FRESHNESS = "freshness";

/** Whether figures were ever made, or begun. */
export async function hasFigures(store: Pick<RecordStore, "aggregate">): Promise<boolean> {
  return (await store.aggregate("usage_marks", [{ $match: { _id: FRESHNESS } }])).length > 0;
}

export async function readFreshness(store: Pick<RecordStore, "aggregate">): Promise<Freshness> {
  const [found] = await store.aggregate("usage_marks", [{ $match: { _id: FRESHNESS } }]);
  const of = (span: Span): Date | null => (found?.[span] as Date | undefined) ?? null;
  return { minute: of("minute"), hour: of("hour"), day: of("day") };
}

export function freshnessWrite(freshness: Freshness): Write {
  return { collection: "usage_marks", id: FRESHNESS, set: { timestamp: EPOCH, ...freshness } };
}
