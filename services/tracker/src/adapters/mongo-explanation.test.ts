import { expect, test } from "vitest";
import { explanationOf } from "./mongo-explanation.ts";

const reading = (inputStage: object) => ({
  queryPlanner: {
    winningPlan: { stage: "LIMIT", inputStage },
    rejectedPlans: [{ stage: "FETCH", inputStage: { stage: "IXSCAN", indexName: "another" } }],
  },
});

test("MongoDB's plans name the index that was chosen", () => {
  const found = { stage: "FETCH", inputStage: { stage: "IXSCAN", indexName: "timestamp_-1__id_-1" } };
  expect(explanationOf(reading(found))).toEqual({ indexes: ["timestamp_-1__id_-1"], isScan: false });
  expect(explanationOf(reading({ stage: "IDHACK" }))).toEqual({ indexes: ["_id"], isScan: false });
  expect(explanationOf(reading({ stage: "COLLSCAN" }))).toEqual({ indexes: [], isScan: true });
});

const node = (kind: string, more: object = {}) => ({
  queryPlanner: { Plan: { "Node Type": "Limit", Plans: [{ "Node Type": kind, ...more }] } },
});

test("so do FerretDB's, whose index of ids may mean the whole collection", () => {
  const cond = "(document OPERATOR(documentdb_api_catalog.@=) 'BSONHEX00'::bson)";
  const all = "(shard_key_value = '4'::bigint)";
  const some = `(${all} AND (object_id OPERATOR(documentdb_core.=) 'BSONHEX00'::bson))`;
  const plan = (kind: string, name: string, condition: string) =>
    explanationOf(node(kind, { "Index Name": name, "Index Cond": condition }));
  expect(plan("Bitmap Index Scan", "a_1", cond)).toEqual({ indexes: ["a_1"], isScan: false });
  expect(plan("Index Scan", "_id_", some)).toEqual({ indexes: ["_id"], isScan: false });
  expect(plan("Bitmap Index Scan", "_id_", all)).toEqual({ indexes: [], isScan: true });
  expect(explanationOf(node("Seq Scan"))).toEqual({ indexes: [], isScan: true });
});
