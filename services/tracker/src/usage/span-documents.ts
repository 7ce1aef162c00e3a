import { canonicalJson, digestOf } from "@mcp-governance-bridge/shared";
import type { Document, RecordStore, Write } from "../record-store.ts";
import { GROUPINGS, type Grouping, SPANS, type Span } from "./figures.ts";
import { isListed, isPacked, packed, packedName } from "./packed.ts";
import { sumsOf } from "./sums.ts";
import type { Tallies } from "./tallies.ts";
import { capped } from "./tally.ts";

const WRITES_AT_ONCE = 500;

/** All that documents of figures are grouped by. */
const KEPT_GROUPINGS = Object.keys(GROUPINGS).flatMap((grouping) => [grouping, packedName(grouping as Grouping)]);

export interface SpanStart {
  span: Span;
  start: Date;
}

/** The documents that a span should have. */
export function documentsOf({ span, start }: SpanStart, tallies: Tallies): Document[] {
  return Object.keys(GROUPINGS).flatMap((name) => {
    const grouping = name as Grouping;
    const rows = capped(tallies[grouping].combinations()).map(({ members, sums }) => ({ ...members, ...sumsOf(sums) }));
    if (rows.length === 0) return [];
    const pack = { grouping: packedName(grouping), timestamp: start, rows: packed(grouping, rows) };
    return [
      ...(isListed(span, grouping) ? rows : []).map((row) =>
        withIdentity({ grouping, timestamp: start, ...row }, GROUPINGS[grouping]),
      ),
      ...(isPacked(span, grouping) ? [withIdentity(pack, [])] : []),
    ];
  });
}

/** `digest` stands for the content, so that what has not changed need not be written. */
function withIdentity(document: { grouping: string; timestamp: Date } & Document, names: readonly string[]): Document {
  const combination = canonicalJson(names.map((name) => document[name]));
  const _id = `${document.timestamp.toISOString()}/${document.grouping}/${shortDigestOf(combination)}`;
  return { _id, ...document, digest: shortDigestOf(JSON.stringify(document)) };
}

function shortDigestOf(text: string): string {
  return digestOf(text).slice(0, 32);
}

/** Makes the span's documents what they should be: changes those that differ, and removes those that should not be. */
export async function replaceSpan(
  store: Pick<RecordStore, "aggregate" | "apply" | "remove">,
  { span, start }: SpanStart,
  documents: readonly Document[],
): Promise<void> {
  const { collection } = SPANS[span];
  const digests = await digestsOf(store, { span, start });
  const changed = documents.filter(({ _id, digest }) => digests.get(String(_id)) !== digest);
  for (let begin = 0; begin < changed.length; begin += WRITES_AT_ONCE) {
    const some = changed.slice(begin, begin + WRITES_AT_ONCE);
    await store.apply(some.map(({ _id, ...set }): Write => ({ collection, id: String(_id), set })));
  }
  const wanted = new Set(documents.map(({ _id }) => _id));
  const gone = [...digests.keys()].filter((id) => !wanted.has(id));
  if (gone.length > 0) await store.remove(collection, gone);
}

/** What the span has: digests by id. */
async function digestsOf(
  store: Pick<RecordStore, "aggregate">,
  { span, start }: SpanStart,
): Promise<Map<string, unknown>> {
  const present = await store.aggregate(SPANS[span].collection, [
    { $match: { grouping: { $in: KEPT_GROUPINGS }, timestamp: { $gte: start, $lte: start } } },
    { $project: { _id: 1, digest: 1 } },
  ]);
  return new Map(present.map(({ _id, digest }) => [String(_id), digest]));
}
