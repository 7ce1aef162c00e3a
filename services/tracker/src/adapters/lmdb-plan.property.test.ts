import fc from "fast-check";
import { Aggregator } from "mingo";
import { expect, test } from "vitest";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import type { Document } from "../record-store.ts";

const few = fc.constantFrom("a", "ab", "b");
const name = fc.oneof(few, few, fc.constantFrom("", "a".repeat(60), `${"a".repeat(60)}b`, "\0", "Zürich 😀"));
const status = fc.constantFrom("success", "denied", "error", "unknown", "other", null, true);
const time = fc.integer({ min: -3, max: 12 }).map((ms) => new Date(ms));

const aDocument = fc.record(
  {
    server_name: name,
    tool_name: fc.oneof(name, fc.uniqueArray(few, { maxLength: 3 })),
    principal: fc.oneof(name, fc.constant(null)),
    client: fc.oneof(fc.record({ name }), fc.constant(null), fc.array(fc.record({ name }), { maxLength: 2 })),
    status,
    method: fc.constantFrom("tools/call", "prompts/get"),
    timestamp: time,
    n: fc.integer({ min: 0, max: 3 }),
  },
  { requiredKeys: ["n"] },
);

const oneOrMore = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof(
    values,
    fc.record({ $eq: values }),
    fc.record({ $in: fc.array(values, { maxLength: 4 }) }),
    fc.record({ $in: fc.array(values, { minLength: 2, maxLength: 4 }) }),
    fc.record({ $ne: values }),
  );

const aRange = fc.oneof(
  time,
  fc.record({ $gte: time, $lt: time }, { requiredKeys: [] }).filter((range) => Object.keys(range).length > 0),
  fc.record({ $gt: time, $lte: time }, { requiredKeys: [] }).filter((range) => Object.keys(range).length > 0),
);

const aCondition: fc.Arbitrary<Document> = fc.oneof(
  fc.record({ server_name: oneOrMore(name) }),
  fc.record({ tool_name: oneOrMore(name) }),
  fc.record({ principal: oneOrMore(fc.oneof(name, fc.constant(null))) }),
  fc.record({ "client.name": oneOrMore(name) }),
  fc.record({ status: oneOrMore(status) }),
  fc.record({ method: oneOrMore(fc.constantFrom("tools/call", "prompts/get")) }),
  fc.record({ timestamp: aRange }),
  fc.record({ n: fc.integer({ min: 0, max: 3 }) }),
);
/** Few, so that something matches. */
const conditions = fc.array(aCondition, { maxLength: 3 }).map((list): Document => Object.assign({}, ...list));

const anId = fc.integer({ min: 0, max: 30 }).map((index) => `id${String(index).padStart(2, "0")}`);
const olderThan = fc.tuple(time, anId).map(([timestamp, _id]) => ({
  timestamp: { $lte: timestamp },
  $or: [{ timestamp: { $lt: timestamp } }, { _id: { $lt: _id } }],
}));

const match: fc.Arbitrary<Document> = fc.oneof(
  conditions,
  fc.tuple(conditions, olderThan).map((both) => ({ $and: both })),
  fc.tuple(conditions, conditions).map((both) => ({ $or: both })),
  fc.record({ _id: fc.array(anId, { maxLength: 4 }).map(($in) => ({ $in })) }),
);

const direction = fc.constantFrom(1, -1);
const sort: fc.Arbitrary<Document> = fc.oneof(
  direction.map((way) => ({ timestamp: way, _id: way })),
  fc.tuple(direction, direction).map(([one, other]) => ({ timestamp: one, _id: other })),
  direction.map((way) => ({ n: way, _id: 1 })),
  direction.map((way) => ({ _id: way })),
);

/** Two answers can only be compared where the order is said, and that before the limit. */
const pipeline = fc
  .tuple(fc.array(match, { maxLength: 2 }), sort, fc.option(fc.integer({ min: 1, max: 20 })))
  .map(([matches, order, limit]) => [
    ...matches.map(($match) => ({ $match })),
    { $sort: order },
    ...(limit === null ? [] : [{ $limit: limit }]),
    { $project: { _id: 1 } },
  ]);

const aChange = fc.record({ id: anId, set: aDocument, isRemoved: fc.nat(3).map((n) => n === 0) });

test("a question is answered as if all documents were looked at, whatever was changed and removed before", {
  timeout: 120_000,
}, async () => {
  const store = await aLmdbStore();
  const kept = new Map<string, Document>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(aChange, { maxLength: 60 }),
      fc.array(pipeline, { minLength: 5, maxLength: 15 }),
      async (changes, pipelines) => {
        for (const { id, set, isRemoved } of changes) {
          if (isRemoved) await store.remove("tool_logs", [id]);
          else await store.apply([{ collection: "tool_logs", id, set }]);
          if (isRemoved) kept.delete(id);
          else kept.set(id, { ...kept.get(id), ...set, _id: id });
        }
        for (const stages of pipelines) {
          const expected = new Aggregator(stages).run([...kept.values()]);
          expect(await store.aggregate("tool_logs", stages), JSON.stringify(stages)).toEqual(expected);
        }
      },
    ),
    { numRuns: 300 },
  );
  await store.close();
});
