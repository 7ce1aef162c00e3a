import { GovernanceError } from "@mcp-governance-bridge/shared";
import { expect, test } from "vitest";
import { aLog } from "../test/a-log.ts";
import { faultOf } from "./fault.ts";

test("a fault of ours is logged with its cause, which its asker does not get", () => {
  const { log, lines } = aLog();
  expect(faultOf(new TypeError("secret detail"), log)).toMatchObject({ code: "internal", message: "internal error" });
  expect(lines).toMatchObject([{ level: "error", err: { message: "secret detail" } }]);
});

test("what went wrong elsewhere is nobody's fault here", () => {
  const { log, lines } = aLog();
  const error = new GovernanceError("params.invalid", "no such tool");
  expect(faultOf(error, log)).toBe(error);
  expect(lines).toEqual([]);
});
