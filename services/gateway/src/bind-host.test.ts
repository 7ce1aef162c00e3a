import type { Configuration } from "@mcp-governance-bridge/shared/configuration";
import { expect, test } from "vitest";
import { aLog } from "../test/a-log.ts";
import { bindHost } from "./bind-host.ts";

test.each([
  [true, "127.0.0.1", "127.0.0.1", 0],
  [true, "0.0.0.0", "0.0.0.0", 1],
  [false, "0.0.0.0", "127.0.0.1", 1],
  [false, "::1", "::1", 1],
  [false, "localhost", "localhost", 1],
])("auth_disabled %j and host %s bind %s, with %i warning", (...row) => {
  const [authDisabled, host, expected, warnings] = row;
  const { log, lines } = aLog();
  expect(bindHost({ authDisabled } as Configuration, host, log)).toBe(expected);
  expect(lines.filter(({ level }) => level === "warn")).toHaveLength(warnings);
});
