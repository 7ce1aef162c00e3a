import { randomUUID } from "node:crypto";
import type { Log } from "@mcp-governance-bridge/shared";
import type { RecordStore } from "../record-store.ts";
import { computeSpan } from "./compute.ts";
import { canBeMade, type KeptDays, needsRecord } from "./expiry.ts";
import type { Span } from "./figures.ts";
import { markRecord } from "./mark-record.ts";
import {
  beginningOf,
  type Freshness,
  freshnessWrite,
  hasFigures,
  markOf,
  type Pending,
  pendingSpans,
  readFreshness,
} from "./marks.ts";
import { createPace, type Pace } from "./pace.ts";

interface RollupOptions {
  store: Pick<RecordStore, "aggregate" | "apply" | "remove">;
  /** `governance.retention` as it is in force. */
  retention(): KeptDays;
  log: Log;
  now?: () => Date;
}

export interface Rollup {
  /**
   * Makes the figures of all marked spans that are due, oldest first. Rejects with the store's error, or with the
   * signal's reason; what was not done is done by a later run. Harmless, but wasteful, while another process does it.
   */
  run(signal: AbortSignal): Promise<void>;
}

const MARKS_AT_ONCE = 1_000;

/** What the figures of a span are part of. */
const LARGER: Readonly<Record<Span, Span | undefined>> = { minute: "hour", hour: "day", day: undefined };

/** Keeps figures of usage by making them anew from the record wherever it has changed, never by adding to them. */
export function createRollup({ store, retention, log, now = () => new Date() }: RollupOptions): Rollup {
  const pace = createPace();
  let running: Promise<void> | undefined;

  const run = async (signal: AbortSignal): Promise<void> => {
    const context: Run = { store, pace, now, signal, id: randomUUID(), kept: retention(), made: 0 };
    if (!(await hasFigures(store))) await markRecord(store, { kept: context.kept, now: now() });
    const before = await readFreshness(store);
    const minute = await makeSpans(context, "minute", { asOf: now(), before });
    const hour = await makeSpans(context, "hour", { asOf: minute, before });
    const day = await makeSpans(context, "day", { asOf: hour, before });
    await store.apply([freshnessWrite({ minute, hour, day })]);
    pace.forget(now());
    if (context.made > 0) log.debug({ made: context.made }, "figures were made");
  };

  return {
    run(signal) {
      running ??= run(signal).finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

interface Run {
  store: RollupOptions["store"];
  pace: Pace;
  now(): Date;
  signal: AbortSignal;
  id: string;
  kept: KeptDays;
  made: number;
}

interface Known {
  /** What was on record then is in what these figures are made from. */
  asOf: Date;
  before: Freshness;
}

/** Makes what is due of one kind of span; answers up to when everything on record is in its figures. */
async function makeSpans(context: Run, span: Span, { asOf, before }: Known): Promise<Date> {
  const { store, pace, now, kept } = context;
  let fresh = asOf;
  const expired: string[] = [];
  for (const marked of await pendingSpans(store, span)) {
    context.signal.throwIfAborted();
    const pending = { ...marked, isFromRecord: marked.isFromRecord || needsRecord(marked, kept, now()) };
    if (!canBeMade(pending, kept, now())) {
      await passOn(context, pending);
      expired.push(...pending.recorders, ...pending.ours);
      continue;
    }
    if (pace.isDue(pending, now())) await make(context, pending, asOf);
    // Figures that may lack something are never said to be complete, even where no recorder tells of it.
    else fresh = earlier(fresh, pace.asOf(pending) ?? before[span] ?? pending.start);
  }
  await clear(store, expired);
  return fresh;
}

/** What is told of a minute that is too old for figures of its own has a place in those of its hour. */
async function passOn({ store, kept, now, id }: Run, { span, start }: Pending): Promise<void> {
  const hour = { span: "hour", start: beginningOf("hour", start), isFromRecord: true } as const;
  if (span !== "minute" || !canBeMade(hour, kept, now())) return;
  await store.apply([markOf(hour, { run: id, at: now() })]);
}

async function clear(store: RollupOptions["store"], marks: readonly string[]): Promise<void> {
  for (let begin = 0; begin < marks.length; begin += MARKS_AT_ONCE) {
    await store.remove("usage_marks", marks.slice(begin, begin + MARKS_AT_ONCE));
  }
}

/**
 * The larger span is marked before anything is done, and a recorder's mark is exchanged for one of ours before the
 * record is read: whatever happens in between, some mark is left, and facts that come during it are marked anew.
 */
async function make(context: Run, pending: Pending, asOf: Date): Promise<void> {
  const { store, pace, now, signal, id } = context;
  const startedAt = now();
  const larger = LARGER[pending.span];
  const mark = { run: id, at: startedAt };
  const isMarkedAnew = pending.recorders.length > 0;
  await store.apply([
    ...(larger ? [markOf({ span: larger, start: beginningOf(larger, pending.start) }, mark)] : []),
    ...(isMarkedAnew ? [markOf(pending, mark)] : []),
  ]);
  if (isMarkedAnew) await store.remove("usage_marks", pending.recorders);
  await computeSpan(store, pending, signal);
  if (isMarkedAnew || pace.isSettled(pending, startedAt)) await store.remove("usage_marks", pending.ours);
  pace.made(pending, { startedAt, endedAt: now(), asOf: earlier(asOf, startedAt) });
  context.made++;
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
