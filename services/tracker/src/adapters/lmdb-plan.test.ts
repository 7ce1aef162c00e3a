import { describe, expect, test } from "vitest";
import type { RecordIndex } from "../record-indexes.ts";
import type { Document } from "../record-store.ts";
import { planOf } from "./lmdb-plan.ts";

const at = (milliseconds: number) => new Date(milliseconds);

const inTime: RecordIndex = { by: [], order: "timestamp" };
const byServer: RecordIndex = { by: ["server"], order: "timestamp" };
const byServerAndTool: RecordIndex = { by: ["server", "tool"], order: "timestamp" };
const byFailure: RecordIndex = { by: ["status"], order: "timestamp", only: { status: ["denied", "error"] } };
const byRule: RecordIndex = { by: ["rule"], order: "timestamp", only: { rule: "text" } };
const chunks: RecordIndex = { by: ["artifact"] };
const blocks: RecordIndex = { by: ["partition"], order: "seq" };
const indexes = [inTime, byServer, byServerAndTool, byFailure, byRule, chunks, blocks];

const plan = (...pipeline: Document[]) => planOf(pipeline, indexes);
const newestFirst = { $sort: { timestamp: -1, _id: -1 } };

describe("in the order of an index", () => {
  test("newest first with a limit is read from its end, and no stage is left", () => {
    const match = { server: "weather", timestamp: { $gte: at(10), $lt: at(20) } };
    expect(plan({ $match: match }, newestFirst, { $limit: 5 })).toEqual({
      stretch: { index: byServer, values: [["weather"]], range: { from: 10, to: 20 }, isReversed: true },
      match,
      limit: 5,
      rest: [],
    });
  });

  test("oldest first is read from its beginning", () => {
    expect(plan({ $sort: { timestamp: 1, _id: 1 } }, { $limit: 5 })).toMatchObject({
      stretch: { index: inTime, values: [[]], range: {}, isReversed: false },
      limit: 5,
      rest: [],
    });
  });

  test("any other order is left to be sorted, with its limit", () => {
    const stages = [{ $sort: { server: 1 } }, { $limit: 5 }];
    const mixed = [{ $sort: { timestamp: -1, _id: 1 } }, { $limit: 5 }];
    expect(plan(...stages)).toMatchObject({ limit: Number.POSITIVE_INFINITY, rest: stages });
    expect(plan(...mixed)).toMatchObject({ limit: Number.POSITIVE_INFINITY, rest: mixed });
  });

  test("a limit before anything else ends the reading", () => {
    expect(plan({ $limit: 2 }, { $count: "n" })).toMatchObject({ match: {}, limit: 2, rest: [{ $count: "n" }] });
  });

  test("what has no time in its index is in the order of ids", () => {
    expect(plan({ $match: { artifact: "a" } }, { $sort: { _id: 1 } })).toMatchObject({
      stretch: { index: chunks, values: [["a"]] },
      rest: [],
    });
  });

  test("numbers are an order like times", () => {
    expect(plan({ $match: { partition: "p", seq: { $gt: 3 } } }, { $sort: { seq: 1 } })).toMatchObject({
      stretch: { index: blocks, range: { from: 3 } },
      rest: [],
    });
  });
});

describe("conditions", () => {
  test("of a page after the first are understood", () => {
    const olderThan = { timestamp: { $lte: at(9) }, $or: [{ timestamp: { $lt: at(9) } }, { _id: { $lt: "x" } }] };
    const match = { $and: [{ server: "weather", timestamp: { $gte: at(3) } }, olderThan] };
    expect(plan({ $match: match }, newestFirst, { $limit: 5 })).toMatchObject({
      stretch: { index: byServer, range: { from: 3, to: 9 } },
      match,
    });
  });

  test("in stages one after the other are one", () => {
    const stages = [{ $match: { server: "weather" } }, { $match: { timestamp: { $gt: at(1) } } }];
    expect(plan(...stages)).toMatchObject({
      stretch: { index: byServer, range: { from: 1 } },
      match: { $and: stages.map(({ $match }) => $match) },
      rest: [],
    });
  });

  test("choose the index that leaves the fewest documents", () => {
    expect(plan({ $match: { tool: "t", server: "s" } }).stretch?.index).toBe(byServerAndTool);
    expect(plan({ $match: { tool: "t" } }).stretch?.index).toBe(inTime);
  });

  test("with several values read a part of the index for each", () => {
    const match = { server: { $in: ["a", "b", "a"] }, tool: "t" };
    expect(plan({ $match: match }).stretch?.values).toEqual([
      ["a", "t"],
      ["b", "t"],
    ]);
  });

  test("use an index of some documents only where no other can match", () => {
    const index = (match: Document) => plan({ $match: match }).stretch?.index;
    expect(index({ status: "denied" })).toBe(byFailure);
    expect(index({ status: { $in: ["denied", "error"] } })).toBe(byFailure);
    expect(index({ status: "success" })).toBe(inTime);
    expect(index({ status: { $in: ["denied", "success"] } })).toBe(inTime);
    expect(index({ status: { $ne: "success" } })).toBe(inTime);
    expect(index({ rule: "no-rain" })).toBe(byRule);
    expect(index({ rule: "" })).toBe(inTime);
    expect(index({ rule: null })).toBe(inTime);
  });

  test("of alternatives bind nothing", () => {
    expect(plan({ $match: { $or: [{ server: "a" }, { server: "b" }] } }).stretch?.index).toBe(inTime);
  });
});

describe("ids", () => {
  test("name all that can match, whatever else is asked", () => {
    const match = { _id: "a", status: "denied" };
    expect(plan({ $match: match })).toMatchObject({ ids: ["a"], match });
    expect(plan({ $match: { _id: { $in: ["a", "b", "a"] } } })).toMatchObject({ ids: ["a", "b"] });
    expect(plan({ $match: { _id: { $in: ["a", 1] } } })).not.toHaveProperty("ids");
    expect(plan({ $match: { _id: { $gt: "a" } } })).not.toHaveProperty("ids");
  });

  test("are sorted afterwards, and limited after that", () => {
    const stages = [{ $sort: { timestamp: -1 } }, { $limit: 1 }];
    expect(plan({ $match: { _id: { $in: ["a", "b"] } } }, ...stages)).toMatchObject({
      limit: Number.POSITIVE_INFINITY,
      rest: stages,
    });
  });
});
