import { expect, test } from "vitest";
import { planOf } from "./lmdb-plan.ts";

const at = (milliseconds: number) => new Date(milliseconds);

test("newest first with a limit is read from the index, and no stage is left", () => {
  const match = { server_name: "weather", timestamp: { $gte: at(10), $lt: at(20) } };
  expect(planOf([{ $match: match }, { $sort: { timestamp: -1, _id: -1 } }, { $limit: 5 }])).toEqual({
    scan: { from: 10, to: 20, newestFirst: true },
    match,
    limit: 5,
    rest: [],
  });
});

test("oldest first is the order of the index", () => {
  expect(planOf([{ $sort: { timestamp: 1, _id: 1 } }, { $limit: 5 }])).toMatchObject({
    scan: { newestFirst: false },
    limit: 5,
    rest: [],
  });
});

test("any other order is left to be sorted, with its limit", () => {
  const stages = [{ $sort: { server_name: 1 } }, { $limit: 5 }];
  expect(planOf(stages)).toMatchObject({ scan: { newestFirst: false }, limit: Number.POSITIVE_INFINITY, rest: stages });
});

test("a limit before anything else ends the reading", () => {
  expect(planOf([{ $limit: 2 }, { $count: "n" }])).toMatchObject({ match: {}, limit: 2, rest: [{ $count: "n" }] });
});

test("what has one of some ids is read by them, whatever else is asked of it", () => {
  const match = { _id: "a", status: "denied" };
  expect(planOf([{ $match: match }])).toMatchObject({ ids: ["a"], match });
  expect(planOf([{ $match: { _id: { $in: ["a", "b", "a"] } } }])).toMatchObject({ ids: ["a", "b"] });
  expect(planOf([{ $match: { _id: { $in: ["a", 1] } } }])).not.toHaveProperty("ids");
  expect(planOf([{ $match: { _id: { $in: ["a"], $gt: "a" } } }])).not.toHaveProperty("ids");
});

test("what is read by ids is sorted afterwards, and limited after that", () => {
  const stages = [{ $sort: { timestamp: -1 } }, { $limit: 1 }];
  expect(planOf([{ $match: { _id: { $in: ["a", "b"] } } }, ...stages])).toMatchObject({
    limit: Number.POSITIVE_INFINITY,
    rest: stages,
  });
});
