import fc from "fast-check";
import { expect, test } from "vitest";
import { fileDocument } from "../../test/revisions.ts";
import { argumentsAt, pointersOf } from "./arguments-for-limits.ts";

const limit = (id: string, ...by: unknown[]) => ({ id, by, permits: { hour: 1 } });
const global = { limits: [limit("a", "principal", { argument: "/x" }, { argument: "/y" })] };
const servers = { weather: { limits: [limit("b", { argument: "/x" }, { argument: "/z/0" })] }, clock: {} };

test("the arguments that limits count by are those of all servers and of one, each once", () => {
  const document = fileDocument({ global, servers });
  expect(pointersOf(document, "weather")).toEqual(["/x", "/y", "/z/0"]);
  expect(pointersOf(document, "clock")).toEqual(["/x", "/y"]);
  expect(pointersOf(document, "toString")).toEqual(["/x", "/y"]);
});

test("what pointers lead to stays at its place, and nothing else does", () => {
  const given = JSON.parse('{"a":{"b":1,"c":2},"l":[1,{"d":3}],"__proto__":{"e":4},"big":"…"}');
  const kept = argumentsAt(["/a/b", "/l/1/d", "/__proto__/e", "/missing", "/a/b/c"], given);
  expect(JSON.stringify(kept)).toBe('{"a":{"b":1},"l":[null,{"d":3}],"__proto__":{"e":4}}');
  expect(argumentsAt([], given)).toBeUndefined();
  expect(argumentsAt(["", "/a/b"], given)).toEqual(given);
});

test("a pointer leads to the same in what is kept, and arguments stay as they were", () => {
  const step = fc.constantFrom("a", "b", "0", "1");
  const pointer = fc.array(step, { maxLength: 4 }).map((steps) => steps.map((name) => `/${name}`).join(""));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "medium" },
      fc.integer(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(step, tie("value")),
    ),
  }));
  fc.assert(
    fc.property(value, fc.array(pointer, { maxLength: 5 }), (given, pointers) => {
      const before = JSON.stringify(given);
      const kept = argumentsAt(pointers, given);
      for (const one of pointers) expect(at(one, kept)).toEqual(at(one, given));
      expect(JSON.stringify(given)).toBe(before);
    }),
  );
});

function at(pointer: string, value: unknown): unknown {
  const steps = pointer.split("/").slice(1);
  return steps.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Record<string, unknown>)[step]
        : undefined,
    value,
  );
}
