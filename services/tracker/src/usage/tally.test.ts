import fc from "fast-check";
import { expect, test } from "vitest";
import { addCall } from "./sums.ts";
import { type Combination, capped, createTally } from "./tally.ts";

const timestamp = new Date("2026-03-01T00:00:00Z");
const total = (combinations: readonly Combination[]) => combinations.reduce((sum, { sums }) => sum + sums.calls, 0);
const aCall = fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom(null, "t1", "t2", "t3", "t4"));

test("what is beyond the bound is counted together, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.array(aCall, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (calls, most) => {
      const tally = createTally(["server_name", "tool_name"]);
      for (const names of calls) addCall(tally.of(...names), { status: "success", timestamp });
      const all = tally.combinations();
      const kept = capped(all, most);
      expect(total(kept)).toBe(calls.length);
      expect(kept.length).toBeLessThanOrEqual(most + 2);
      expect(new Set(kept.map(({ members }) => JSON.stringify(members))).size).toBe(kept.length);
    }),
  );
});

test("the most used keep their names, and the others that of their server", () => {
  const tally = createTally(["principal", "server_name", "tool_name", "method"]);
  const call = { status: "success", timestamp };
  for (let n = 0; n < 3; n++) addCall(tally.of("ada", "files", "read", "tools/call"), call);
  addCall(tally.of("bob", "files", "read", "tools/call"), call);
  addCall(tally.of("bob", "web", "get", "tools/call"), call);
  addCall(tally.of("eve", "web", "put", "tools/call"), call);
  const others = { principal: null, tool_name: null, method: null };
  expect(capped(tally.combinations(), 1).map(({ members, sums }) => ({ ...members, calls: sums.calls }))).toEqual([
    { principal: "ada", server_name: "files", tool_name: "read", method: "tools/call", calls: 3 },
    { ...others, server_name: "files", calls: 1 },
    { ...others, server_name: "web", calls: 2 },
  ]);
});

test('a principal called "null" is not nobody', () => {
  const tally = createTally(["principal"]);
  tally.of("null");
  tally.of(null);
  expect(tally.combinations().map(({ members }) => members)).toEqual([{ principal: "null" }, { principal: null }]);
});
