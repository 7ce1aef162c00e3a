import type { RecordStore } from "../record-store.ts";
import { GROUPINGS, type Grouping, SPANS } from "./figures.ts";
import { pagesOf } from "./pages.ts";
import { figuresIn } from "./read-figures.ts";
import { documentsOf, replaceSpan, type SpanStart } from "./span-documents.ts";
import {
  CALL_MEMBERS,
  createTallies,
  DECISION_MEMBERS,
  type Tallies,
  tallyCall,
  tallyDecision,
  tallySums,
} from "./tallies.ts";

type FiguresStore = Pick<RecordStore, "aggregate" | "apply" | "remove">;

const PAGE = 500;

/**
 * Makes a span's figures anew: a minute's from the record, an hour's from its minutes unless it says otherwise, a day's
 * from its hours. Throws the signal's reason.
 */
export async function computeSpan(
  store: FiguresStore,
  { isFromRecord = false, ...at }: SpanStart & { isFromRecord?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const tallies = createTallies();
  if (at.span === "minute" || isFromRecord) await tallyRecord(store, { at, tallies, signal });
  else await tallySmaller(store, { at, tallies, signal });
  await replaceSpan(store, at, documentsOf(at, tallies));
}

interface Tallying {
  at: SpanStart;
  tallies: Tallies;
  signal: AbortSignal;
}

async function tallyRecord(store: FiguresStore, { at, tallies, signal }: Tallying): Promise<void> {
  const range = { ...rangeOf(at), size: PAGE };
  for await (const calls of pagesOf(store, { collection: "tool_logs", members: CALL_MEMBERS, ...range })) {
    signal.throwIfAborted();
    for (const call of calls) tallyCall(tallies, call);
  }
  const decided = { collection: "governance_logs", members: DECISION_MEMBERS, ...range } as const;
  for await (const decisions of pagesOf(store, decided)) {
    signal.throwIfAborted();
    for (const decision of decisions) tallyDecision(tallies, decision);
  }
}

async function tallySmaller(store: FiguresStore, { at, tallies, signal }: Tallying): Promise<void> {
  const span = at.span === "hour" ? "minute" : "hour";
  for (const grouping of Object.keys(GROUPINGS) as Grouping[]) {
    const window = { span, ...rangeOf(at) } as const;
    for await (const figures of figuresIn(store, { window, grouping })) {
      signal.throwIfAborted();
      tallySums(tallies, grouping, figures);
    }
  }
}

function rangeOf({ span, start }: SpanStart): { from: Date; to: Date } {
  return { from: start, to: new Date(start.getTime() + SPANS[span].ms) };
}
