import { expect, test } from "vitest";
import { packed, unpacked } from "./packed.ts";
import { addCall, noSums, sumsOf } from "./sums.ts";

const timestamp = new Date("2026-03-01T10:00:00Z");
const sums = noSums();
addCall(sums, { status: "success", timestamp, duration_ms: 12, gateway_ms: 1, policy_ms: 2, upstream_ms: 9 });
addCall(sums, { status: "denied", timestamp, denial: { code: "rate_limit" }, input_size: 7 });
const read = { server_name: "files", tool_name: "read", method: "tools/call", ...sumsOf(sums) };
const others = { server_name: "files", tool_name: null, method: null, ...sumsOf(noSums()) };

test("what was packed comes out as it was", () => {
  expect(unpacked("tool", packed("tool", [read, others]))).toEqual([read, others]);
});

test("only the rows that are asked for come out", () => {
  const text = packed("tool", [read, others]);
  expect(unpacked("tool", text, { server_name: "files", tool_name: "read" })).toEqual([read]);
  expect(unpacked("tool", text, { server_name: "web" })).toEqual([]);
});
