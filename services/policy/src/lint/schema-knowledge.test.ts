import { describe, expect, test } from "vitest";
import { mayHave } from "./schema-knowledge.ts";

const city = { type: "object", properties: { city: { type: "string" } } };
const closed = { ...city, additionalProperties: false };
const users = { type: "object", properties: { users: { type: "array", items: closed } }, additionalProperties: false };

describe("what a schema declares", () => {
  test.each<[string, unknown, string[]]>([
    ["a member", city, ["city"]],
    ["nothing of it, as there is none", undefined, ["x"]],
    ["nothing without properties", { type: "object" }, ["x"]],
    ["that there may be others", { ...city, additionalProperties: true }, ["x"]],
    ["of which kind others are", { ...city, additionalProperties: city }, ["x", "city"]],
    ["something elsewhere", { ...city, allOf: [{}] }, ["x"]],
    ["members that are named by a pattern", { ...city, patternProperties: { "^x": {} } }, ["x"]],
    ["members of the elements of a list", users, ["users", "0", "city"]],
    ["members of any element", users, ["users", "*", "city"]],
    ["any member", users, ["*", "*", "city"]],
    ["a list of unknown elements", { type: "array" }, ["0", "x"]],
  ])("says %s", (_what, schema, steps) => {
    expect(mayHave(schema, { steps, takesUndeclared: false })).toBe(true);
  });

  test.each<[string, unknown, string[]]>([
    ["a member that is not declared", city, ["town"]],
    ["members of a text", city, ["city", "name"]],
    ["others of another kind", { ...city, additionalProperties: city }, ["x", "town"]],
    ["another member of elements", users, ["users", "*", "name"]],
    ["a named member of a list", users, ["users", "city"]],
    ["an element of an object", closed, ["0"]],
    ["anything, where it forbids everything", { type: "object", additionalProperties: false }, ["x"]],
  ])("rules out %s", (_what, schema, steps) => {
    expect(mayHave(schema, { steps, takesUndeclared: false })).toBe(false);
  });

  test("does not rule out what is not declared, unless it forbids it, where that is asked", () => {
    expect(mayHave(city, { steps: ["town"], takesUndeclared: true })).toBe(true);
    expect(mayHave(closed, { steps: ["town"], takesUndeclared: true })).toBe(false);
    expect(mayHave(users, { steps: ["users", "*", "name"], takesUndeclared: true })).toBe(false);
  });
});
