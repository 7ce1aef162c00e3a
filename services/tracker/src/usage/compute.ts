import type { Document, RecordStore } from "../record-store.ts";
import { GROUPINGS, type Grouping, SPANS, type Sums } from "./figures.ts";
import { pagesOf } from "./pages.ts";
import { documentsOf, KEPT_GROUPINGS, PAIRS, replaceSpan, type SpanStart } from "./span-documents.ts";
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
  const { collection } = SPANS[at.span === "hour" ? "minute" : "hour"];
  for (const grouping of KEPT_GROUPINGS) {
    const range = { collection, match: { grouping }, size: PAGE, ...rangeOf(at) };
    for await (const documents of pagesOf(store, range)) {
      signal.throwIfAborted();
      for (const document of documents) tallyDocument(tallies, document);
    }
  }
}

function tallyDocument(tallies: Tallies, document: Document): void {
  if (document.grouping === PAIRS) {
    for (const pair of document.pairs as (Document & Sums)[]) tallySums(tallies, "pair", pair);
  } else if (Object.hasOwn(GROUPINGS, String(document.grouping))) {
    tallySums(tallies, document.grouping as Grouping, document as Document & Sums);
  }
}

function rangeOf({ span, start }: SpanStart): { from: Date; to: Date } {
  return { from: start, to: new Date(start.getTime() + SPANS[span].ms) };
}
