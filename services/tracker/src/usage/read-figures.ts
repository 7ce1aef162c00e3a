import type { Document, RecordStore } from "../record-store.ts";
import { type Figures, GROUPINGS, type Grouping, SPANS, type Sums } from "./figures.ts";
import { isPacked, packedName, unpacked } from "./packed.ts";
import { pagesOf } from "./pages.ts";
import { addSums, noSums, type RunningSums, sumsOf } from "./sums.ts";
import { byUse, type Combination, createTally } from "./tally.ts";
import type { Window } from "./window.ts";

export type FiguresReader = Pick<RecordStore, "aggregate">;

export interface FiguresQuestion {
  window: Window;
  grouping: Grouping;
  /** Values of members; those that are undefined do not count. */
  match?: Document;
}

const LISTED_PAGE = 2_000;
/** Each may have some hundred kilobytes. */
const PACKED_PAGE = 50;

/** Calls by these members: the grouping that has them all, and as few others as can be. */
export function groupingWith(members: Iterable<string>): Grouping {
  const wanted = [...members];
  const found = (["server", "principal", "tool", "pair"] as const).find((grouping) =>
    wanted.every((member) => (GROUPINGS[grouping] as readonly string[]).includes(member)),
  );
  if (!found) throw new Error(`no figures are kept by ${wanted.join(", ")}`);
  return found;
}

/** The figures of a window, oldest first. */
export async function* figuresIn(
  store: FiguresReader,
  question: FiguresQuestion,
): AsyncGenerator<Document & Sums & { timestamp: Date }> {
  const { window, grouping, match = {} } = question;
  const { from, to, span } = window;
  const { collection } = SPANS[span];
  const given = Object.fromEntries(Object.entries(match).filter(([, value]) => value !== undefined));
  if (!isPacked(span, grouping)) {
    const listed = { collection, match: { grouping, ...given }, from, to, size: LISTED_PAGE };
    for await (const page of pagesOf(store, listed)) yield* page as Figures[];
    return;
  }
  const packs = { collection, match: { grouping: packedName(grouping) }, from, to, size: PACKED_PAGE };
  for await (const page of pagesOf(store, packs)) {
    for (const { timestamp, rows } of page) {
      const at = { timestamp: timestamp as Date };
      for (const row of unpacked(grouping, String(rows), given)) yield Object.assign(row, at);
    }
  }
}

/** Sums over the window for each combination of these members, the most used first. */
export async function sumsBy(
  store: FiguresReader,
  { by, ...question }: FiguresQuestion & { by: readonly string[] },
): Promise<Combination[]> {
  const tally = createTally(by);
  for await (const figures of figuresIn(store, question)) {
    addSums(tally.of(...by.map((name) => figures[name])), figures);
  }
  return byUse(tally.combinations());
}

/** Sums of some combinations together. */
export function totalOf(combinations: readonly Combination[]): RunningSums {
  const total = noSums();
  for (const { sums } of combinations) addSums(total, sumsOf(sums));
  return total;
}

/** Sums of the combinations of fewer members. */
export function regrouped(combinations: readonly Combination[], by: readonly string[]): Combination[] {
  const tally = createTally(by);
  for (const { members, sums } of combinations) addSums(tally.of(...by.map((name) => members[name])), sumsOf(sums));
  return byUse(tally.combinations());
}
