import fc from "fast-check";
import { Aggregator } from "mingo";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ExplainingStore, watched } from "../../test/adapters/plans.ts";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { type RecordIndex, recordIndexes } from "../record-indexes.ts";
import type { Collection, Document, RecordStore } from "../record-store.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

const MINUTE = 60_000;
const START = Date.now() - 10 * 24 * 60 * MINUTE;
const STATUSES = ["success", "success", "denied", "error", "unknown"];
const RULES = [null, null, "weather.rate_limit", "policies.no-rain"];
const METHODS = ["tools/call", "tools/call", "prompts/get"];

const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

/** Calls, several of a minute, with members of every kind that questions are about. */
const calls: readonly Document[] = Array.from({ length: 600 }, (_, n) => ({
  _id: `call-${String((n * 7_919) % 600).padStart(4, "0")}`,
  timestamp: new Date(START + Math.floor(n / 3) * 20 * MINUTE),
  server_name: `server-${n % 5}`,
  tool_name: `tool-${(n * 3) % 17}`,
  principal: `user-${(n * n) % 7}`,
  session_id: `session-${Math.floor(n / 40)}`,
  status: at(STATUSES, n * 3),
  method: at(METHODS, n),
  denial: at(RULES, n) === null ? null : { rule: at(RULES, n), code: "policy_rule" },
  client: n % 11 === 0 ? null : { name: at(["ide", "cli"], n) },
  masked: Array.from({ length: n % 3 }, (_, index) => ({ rule: `mask-${index}`, count: n % 4 })),
  duration_ms: (n * 37) % 1_000,
}));

const one = (field: string, values: readonly unknown[]): fc.Arbitrary<Document> =>
  fc.oneof(
    fc.constantFrom(...values).map((value) => ({ [field]: value })),
    fc.subarray([...values], { minLength: 1 }).map(($in) => ({ [field]: { $in } })),
  );
const aTime = fc.integer({ min: -5, max: 205 }).map((step) => new Date(START + step * 20 * MINUTE));
const filter = fc.oneof(
  one("server_name", ["server-0", "server-3", "nobody"]),
  one("tool_name", ["tool-0", "tool-3", "tool-6"]),
  one("principal", ["user-0", "user-1", "user-4"]),
  one("session_id", ["session-0", "session-9"]),
  one("status", ["success", "denied", "error"]),
  one("method", ["tools/call", "prompts/get"]),
  one("denial.rule", ["policies.no-rain", "weather.rate_limit"]),
  one("client.name", ["ide", "cli"]),
  fc.record({ timestamp: fc.record({ $gte: aTime }) }),
  fc.tuple(aTime, aTime).map(([$gte, $lt]) => ({ timestamp: { $gte, $lt } })),
);
const match = fc.array(filter, { maxLength: 3 }).map((list): Document => Object.assign({}, ...list));
const cursor = fc.tuple(aTime, fc.integer({ min: 0, max: 599 })).map(([timestamp, n]) => ({
  timestamp: { $lte: timestamp },
  $or: [{ timestamp: { $lt: timestamp } }, { _id: { $lt: `call-${String(n).padStart(4, "0")}` } }],
}));
const conditions = fc.oneof(
  match,
  fc.tuple(match, cursor).map((both) => ({ $and: both })),
);

const page = fc
  .tuple(conditions, fc.constantFrom(-1, 1), fc.integer({ min: 1, max: 40 }))
  .map(([$match, way, $limit]) => [{ $match }, { $sort: { timestamp: way, _id: way } }, { $limit }]);

const groups = fc.constantFrom<Document[]>(
  [
    {
      $group: {
        _id: { server: "$server_name", status: "$status" },
        calls: { $sum: 1 },
        most: { $max: "$duration_ms" },
      },
    },
    { $sort: { "_id.server": 1, "_id.status": 1 } },
  ],
  [
    { $unwind: "$masked" },
    { $group: { _id: "$masked.rule", found: { $sum: "$masked.count" }, last_at: { $max: "$timestamp" } } },
    { $sort: { _id: 1 } },
    { $project: { _id: 0, rule: "$_id", found: 1, last_at: 1 } },
  ],
  [
    {
      $group: {
        _id: null,
        calls: { $sum: 1 },
        denied: { $sum: { $cond: [{ $eq: ["$status", "denied"] }, 1, 0] } },
        mean: { $avg: "$duration_ms" },
        first: { $min: "$timestamp" },
        principals: { $addToSet: "$principal" },
      },
    },
    { $project: { _id: 0, calls: 1, denied: 1, mean: 1, first: 1, principals: { $size: "$principals" } } },
  ],
  [{ $sort: { duration_ms: -1, _id: 1 } }, { $limit: 7 }, { $project: { duration_ms: 1, "client.name": 1 } }],
  [{ $count: "n" }],
);
const figure = fc.tuple(conditions, groups).map(([$match, stages]) => [{ $match }, ...stages]);

describe.each(recordStores(uri))("questions to the record in %s", (_name, open, available) => {
  let store: ExplainingStore;
  beforeAll(async () => {
    if (!available) return;
    store = await open();
    await write("tool_logs", calls);
  });
  afterAll(() => store?.close());

  const write = (collection: Collection, documents: readonly Document[]): Promise<void> =>
    store.apply(documents.map(({ _id, ...set }) => ({ collection, id: String(_id), set })));

  test.runIf(available)(
    "are answered as MongoDB's language has it, pages and figures alike",
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(page, figure), async (pipeline) => {
          const expected = new Aggregator(pipeline).run([...calls]);
          expect(await store.aggregate("tool_logs", pipeline), JSON.stringify(pipeline)).toEqual(expected);
        }),
        { numRuns: 150 },
      );
    },
  );

  const indexed = (Object.entries(recordIndexes) as [Collection, readonly RecordIndex[]][]).filter(
    ([, indexes]) => indexes.length > 0,
  );

  test.runIf(available).each(indexed)(
    "about %s read no more than an index has of them",
    async (collection, indexes) => {
      const documents = Array.from({ length: 300 }, (_, n) => aDocument(indexes, n));
      if (collection !== "tool_logs") await write(collection, documents);
      const { store: asked, scans, asked: notes } = watched(store);
      for (const index of indexes) for (const pipeline of pagesOf(index)) await asked.aggregate(collection, pipeline);
      expect(scans).toEqual([]);
      expect(notes.length).toBeGreaterThan(0);
    },
  );

  test.runIf(available)("that read all of a collection are told apart", async () => {
    const { store: asked, scans } = watched(store as RecordStore & ExplainingStore);
    await asked.aggregate("tool_logs", [{ $match: { duration_ms: { $gte: 0 } } }, { $count: "n" }]);
    expect(scans).toHaveLength(1);
  });
});

const memberOf = (field: string, { only }: RecordIndex, n: number): unknown => {
  const values = only?.[field];
  return values && values !== "text" ? at<string | boolean>(values, n) : `${field}-${n % 6}`;
};

/** Has the members of all indexes; `n` tells it from others. */
function aDocument(indexes: readonly RecordIndex[], n: number): Document {
  const timestamp = new Date(START + n * 20 * MINUTE);
  const members = indexes.flatMap((index) => [
    ...index.by
      .filter((field) => !field.includes("."))
      .map((field) => [field, index.unique ? `${field}-${n}` : memberOf(field, index, n)]),
    ...(index.order ? [[index.order, index.order === "seq" ? n : timestamp]] : []),
  ]);
  return { timestamp, ...Object.fromEntries(members), _id: `d${String(n).padStart(4, "0")}` };
}

/** What an index is for: a page, the page after it, and a time. */
function pagesOf(index: RecordIndex): Document[][] {
  const match = Object.fromEntries(index.by.map((field) => [field, memberOf(field, index, 1)]));
  const { order } = index;
  if (order !== "timestamp") {
    const late = order && order !== "seq" ? { [order]: { $gte: new Date(START) } } : {};
    const sort = order ? { [order]: 1 } : { _id: 1 };
    return [[{ $match: { ...match, ...late } }, { $sort: sort }, { $limit: 10 }]];
  }
  const newestFirst = [{ $sort: { timestamp: -1, _id: -1 } }, { $limit: 5 }];
  const before = new Date(START + 200 * 20 * MINUTE);
  const olderThan = { timestamp: { $lte: before }, $or: [{ timestamp: { $lt: before } }, { _id: { $lt: "d0100" } }] };
  return [
    [{ $match: match }, ...newestFirst],
    [{ $match: { $and: [match, olderThan] } }, ...newestFirst],
    [{ $match: { ...match, timestamp: { $gte: new Date(START), $lt: before } } }, ...newestFirst],
  ];
}
