import { describe, expect, test } from "vitest";
import { readingOf } from "./condition-reads.ts";

describe("a condition", () => {
  test.each([
    ["false", false],
    ["1 > 2", false],
    ["'a' == 'b' || 2 > 3", false],
    ["args.x > 1 && false", false],
    ["!(principal == 'ada' || true)", false],
    ["principal == 'ada' && !true", false],
    ["true", true],
    ["has(args.x) || true", true],
    ["principal == 'ada'", undefined],
    ["args.x > 1 && true", undefined],
    ["args.x > 1 || false", undefined],
    ["1 / 0 > 1", undefined],
  ])("%s always comes to %s", (source, constant) => {
    expect(readingOf(source).constant).toBe(constant);
  });

  test.each([
    ["args.amount > 1 && args.amount < 5", [["amount"]]],
    ["has(args.to.address) && args['cc'].size() > 0", [["to", "address"], ["cc"]]],
    ["'path' in args", [["path"]]],
    ["'x' in args.list", [["list"]]],
    ["args.list[0].name == 'a'", [["list"]]],
    ["args.items.exists(i, i.price > args.limit)", [["items"], ["limit"]]],
    ["args[principal] == 1", []],
    ["size(args) == 0 && annotations.title == 'x'", []],
  ])("%s reads arguments", (source, reads) => {
    expect(readingOf(source).reads).toEqual(reads);
  });
});
