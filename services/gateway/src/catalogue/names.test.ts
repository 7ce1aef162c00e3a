import { expect, test } from "vitest";
import { aServer } from "../../test/builders.ts";
import { publicName, publicNames } from "./names.ts";

test.each([
  ["governed", "drop-collection", "governed_drop-collection"],
  ["governed_", "echo", "governed__echo"],
  ["", "echo", "echo"],
  ["a.b", "x_y", "a.b_x_y"],
])("prefix %j and name %j are published as %j", (governance_prefix, name, expected) => {
  expect(publicName(aServer({}, { governance_prefix }), name)).toBe(expected);
});

test("without a prefix of its own a server has the seed's", () => {
  expect(publicName(aServer({}, { governance_prefix: "governed_" }), "echo")).toBe("governed__echo");
});

test("the original name is published too when it is not to be hidden", () => {
  expect(publicNames(aServer(), "echo")).toEqual(["weather_echo"]);
  expect(publicNames(aServer({}, { hide_original_tools: false }), "echo")).toEqual(["weather_echo", "echo"]);
});

test("a name that is both is published once", () => {
  const server = aServer({}, { hide_original_tools: false, governance_prefix: "" });
  expect(publicNames(server, "echo")).toEqual(["echo"]);
});
