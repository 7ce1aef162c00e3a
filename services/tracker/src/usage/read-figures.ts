import type { Document, RecordStore } from "../record-store.ts";
import { type Figures, GROUPINGS, type Grouping, SPANS } from "./figures.ts";
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

const PAGE = 2_000;

/** Calls by these members: the grouping that has them all, and as few others as can be. */
export function groupingWith(members: Iterable<string>): Grouping {
  const wanted = [...members];
  const found = (["server", "principal", "tool", "pair"] as const).find((grouping) =>
    wanted.every((member) => (GROUPINGS[grouping] as readonly string[]).includes(member)),
  );
  if (!found) throw new Error(`no figures are kept by ${wanted.join(", ")}`);
  return found;
}

/** The documents of figures of a window, oldest first. */
export async function* figuresIn(store: FiguresReader, question: FiguresQuestion): AsyncGenerator<Figures> {
  const { window, grouping, match = {} } = question;
  const { collection } = SPANS[window.span];
  const given = Object.fromEntries(Object.entries(match).filter(([, value]) => value !== undefined));
  const { from, to } = window;
  for await (const page of pagesOf(store, { collection, match: { grouping, ...given }, from, to, size: PAGE })) {
    yield* page as Figures[];
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
