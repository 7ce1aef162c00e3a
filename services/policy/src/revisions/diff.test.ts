import fc from "fast-check";
import { expect, test } from "vitest";
import { aRevision, fileDocument } from "../../test/revisions.ts";
import { changesBetween, diff } from "./diff.ts";

const rule = (id: string, more: object = {}) => ({ id, effect: "deny", ...more });

test("a change is told at the deepest place that both have", () => {
  expect(diff({ a: { b: 1, c: [1] } }, { a: { b: 2, c: [1] } })).toEqual([{ path: "/a/b", before: "1", after: "2" }]);
});

test("what there was or is nothing of is null", () => {
  expect(diff({ a: 1 }, { b: { c: 2 } })).toEqual([
    { path: "/a", before: "1", after: null },
    { path: "/b", before: null, after: '{"c":2}' },
  ]);
});

test("rules are told by their ids, wherever they stand", () => {
  const before = { policies: [rule("one"), rule("two")] };
  const after = { policies: [rule("new"), rule("one"), rule("two", { tools: ["x"] })] };
  expect(diff(before, after)).toEqual([
    { path: "/policies/new", before: null, after: '{"effect":"deny","id":"new"}' },
    { path: "/policies/two/tools", before: null, after: '["x"]' },
  ]);
});

test("another order of rules is a change of its own", () => {
  expect(diff({ r: [rule("a"), rule("b")] }, { r: [rule("b"), rule("a")] })).toEqual([
    { path: "/r", before: '["a","b"]', after: '["b","a"]' },
  ]);
});

test("lists without names are told as a whole, and so are entries of one name", () => {
  expect(diff([1, 2], [1, 3])).toEqual([{ path: "", before: "[1,2]", after: "[1,3]" }]);
  expect(diff([rule("a")], [rule("a"), rule("a")])).toHaveLength(1);
});

test("steps of a path are escaped as in a JSON pointer", () => {
  expect(diff({ "a/b~c": 1 }, {})).toEqual([{ path: "/a~1b~0c", before: "1", after: null }]);
});

test("nothing differs exactly where nothing differs", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(diff(a, a)).toEqual([]);
      const isSame = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
      expect(diff(a, b).length === 0).toBe(isSame);
    }),
  );
});

test("a trial is told against what is in force while there was none", () => {
  const without = aRevision(1);
  const candidate = fileDocument({ servers: { weather: { rate_limit: 7 } } });
  const change = { path: "/candidate/servers/weather/rate_limit", before: "100", after: "7" };
  expect(changesBetween(without, { ...without, candidate })).toEqual([change]);
  expect(changesBetween({ ...without, candidate }, without)).toEqual([{ ...change, before: "7", after: "100" }]);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return {
    members: Object.entries(value)
      .map(([key, member]) => [key, sorted(member)])
      .toSorted(byKey),
  };
}

function byKey([a]: unknown[], [b]: unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}
