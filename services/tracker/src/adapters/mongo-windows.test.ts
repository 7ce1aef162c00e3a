import fc from "fast-check";
import { Aggregator } from "mingo";
import { expect, test } from "vitest";
import type { Document } from "../record-store.ts";
import { withinWindow } from "./mongo-windows.ts";

const HOUR = 3_600_000;
const newestFirst = { $sort: { timestamp: -1, _id: -1 } };
const oldestFirst = { $sort: { timestamp: 1, _id: 1 } };

/** A server that counts what it is made to read. */
function aServer(documents: readonly Document[]) {
  const counted: number[] = [];
  const run = (pipeline: readonly Document[]): Document[] => new Aggregator([...pipeline]).run([...documents]);
  const windowed = (pipeline: readonly Document[]): Promise<readonly Document[]> =>
    withinWindow(pipeline, async (counting) => {
      const n = Number(run(counting)[0]?.n ?? 0);
      counted.push(n);
      return n;
    });
  return { run, windowed, counted };
}

const every = (ms: number, count: number, until = Date.now()): Document[] =>
  Array.from({ length: count }, (_, index) => ({ _id: `id${index}`, timestamp: new Date(until - index * ms) }));

test("a page of many documents is looked for among few", async () => {
  const { run, windowed } = aServer(every(1_000, 20_000));
  const page = await windowed([newestFirst, { $limit: 100 }]);
  expect(run([...page.slice(0, 1)]).length).toBeLessThanOrEqual(400);
  expect(run(page)).toEqual(run([newestFirst, { $limit: 100 }]));
});

test("a page is found behind a time in which nothing happened, with few questions", async () => {
  const { run, windowed, counted } = aServer(every(1_000, 20_000, Date.now() - 50 * HOUR));
  const page = await windowed([newestFirst, { $limit: 100 }]);
  expect(run([...page.slice(0, 1)]).length).toBeLessThanOrEqual(400);
  expect(counted.length).toBeLessThan(20);
});

test("what is rare is read as a whole after few questions", async () => {
  const { windowed, counted } = aServer(every(30 * 24 * HOUR, 5));
  const pipeline = [newestFirst, { $limit: 100 }];
  expect(await windowed(pipeline)).toBe(pipeline);
  expect(counted.length).toBeLessThan(7);
});

test("a page after the first is looked for from its cursor on", async () => {
  const at = new Date(Date.now() - 10_000 * 1_000);
  const olderThan = { timestamp: { $lte: at }, $or: [{ timestamp: { $lt: at } }, { _id: { $lt: "id5" } }] };
  const { run, windowed } = aServer(every(1_000, 20_000));
  const pipeline = [{ $match: { $and: [{}, olderThan] } }, newestFirst, { $limit: 50 }];
  const page = await windowed(pipeline);
  expect(run([...page.slice(0, 2)]).length).toBeLessThanOrEqual(200);
  expect(run(page)).toEqual(run(pipeline));
});

test.each<[string, Document[]]>([
  ["without a limit", [newestFirst]],
  ["in another order", [{ $sort: { server_name: 1 } }, { $limit: 5 }]],
  ["by ids", [{ $match: { _id: { $in: ["a", "b"] } } }, newestFirst, { $limit: 5 }]],
  ["from the oldest of all, which may have no time", [oldestFirst, { $limit: 5 }]],
])("a question %s is asked as it is", async (_, pipeline) => {
  const { windowed, counted } = aServer(every(1_000, 100));
  expect(await windowed(pipeline)).toBe(pipeline);
  expect(counted).toEqual([]);
});

const aTime = fc.oneof(
  fc.integer({ min: 0, max: 50 * HOUR }),
  fc.integer({ min: 0, max: 5_000 }),
  fc.integer({ min: 0, max: 4 * 365 * 24 * HOUR }),
);

test("whatever the times, the page is the same", async () => {
  const now = Date.now();
  const times = fc.array(fc.option(aTime, { nil: undefined, freq: 20 }), { maxLength: 300 });
  const page = fc.record({
    limit: fc.integer({ min: 1, max: 30 }),
    from: fc.option(aTime, { nil: undefined }),
    to: fc.option(aTime, { nil: undefined }),
    sort: fc.constantFrom(newestFirst, oldestFirst),
    isEven: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(times, page, async (ages, { limit, from, to, sort, isEven }) => {
      const documents = ages.map((age, index) => ({
        _id: `id${index}`,
        even: index % 2 === 0,
        ...(age !== undefined && { timestamp: new Date(now - age) }),
      }));
      const range = {
        ...(from !== undefined && { $gte: new Date(now - from) }),
        ...(to !== undefined && { $lt: new Date(now - to) }),
      };
      const match = { ...(isEven && { even: true }), ...(Object.keys(range).length > 0 && { timestamp: range }) };
      const pipeline = [{ $match: match }, sort, { $limit: limit }];
      const { run, windowed, counted } = aServer(documents);
      expect(run(await windowed(pipeline))).toEqual(run(pipeline));
      expect(counted.length).toBeLessThan(24);
    }),
    { numRuns: 500 },
  );
});
