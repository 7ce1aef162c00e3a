import type { RecordStore, Write } from "../record-store.ts";
import type { KeptDays } from "./expiry.ts";
import { SPANS } from "./figures.ts";
import { beginningOf, freshnessWrite, markOf } from "./marks.ts";

const DAY_MS = 86_400_000;
const WRITES_AT_ONCE = 1_000;
/** Long ago: nothing that it speaks of is still being written. */
const SETTLED = new Date(1);

/**
 * Marks everything on record that has no figures yet: what a tracker recorded that made none. Minutes as far back as
 * they are kept, and an hour more, so that no hour lacks some of its minutes when one of them is made again; hours before.
 */
export async function markRecord(
  store: Pick<RecordStore, "aggregate" | "apply">,
  { kept, now }: { kept: KeptDays; now: Date },
): Promise<void> {
  const oldest = await oldestOf(store);
  if (oldest) {
    const { usage_minutes = Infinity, usage_hours = Infinity } = kept;
    const back = (days: number): number => Math.max(0, now.getTime() - days * DAY_MS);
    const first = Math.max(oldest.getTime(), back(usage_hours));
    const turn = Math.max(first, back(usage_minutes) - SPANS.hour.ms);
    await apply(store, marksOf("hour", first, turn));
    await apply(store, marksOf("minute", turn, now.getTime()));
  }
  await store.apply([freshnessWrite({ minute: null, hour: null, day: null })]);
}

async function oldestOf(store: Pick<RecordStore, "aggregate">): Promise<Date | undefined> {
  const times: Date[] = [];
  for (const collection of ["tool_logs", "governance_logs"] as const) {
    const [first] = await store.aggregate(collection, [
      { $match: { timestamp: { $gt: new Date(0) } } },
      { $sort: { timestamp: 1, _id: 1 } },
      { $limit: 1 },
      { $project: { timestamp: 1 } },
    ]);
    if (first) times.push(first.timestamp as Date);
  }
  return times.sort((a, b) => a.getTime() - b.getTime())[0];
}

/** From the beginning of the first hour up to that of the last. */
function* marksOf(span: "hour" | "minute", from: number, to: number): Iterable<Write> {
  const last = span === "hour" ? beginningOf("hour", new Date(to)).getTime() : to;
  for (let time = beginningOf("hour", new Date(from)).getTime(); time < last; time += SPANS[span].ms) {
    yield markOf({ span, start: new Date(time), isFromRecord: span === "hour" }, { run: "first", at: SETTLED });
  }
}

async function apply(store: Pick<RecordStore, "apply">, marks: Iterable<Write>): Promise<void> {
  let some: Write[] = [];
  for (const mark of marks) {
    some.push(mark);
    if (some.length < WRITES_AT_ONCE) continue;
    await store.apply(some);
    some = [];
  }
  if (some.length > 0) await store.apply(some);
}
