import { StartupError } from "@mcp-governance-bridge/shared";
import { expect, test } from "vitest";
import { aLog } from "../test/a-log.ts";
import { aConfiguration } from "../test/builders.ts";
import { until } from "../test/until.ts";
import { takeUp } from "./take-up.ts";

test("a configuration is taken up, and its warnings are told", () => {
  const { log, lines } = aLog();
  const reloaded: unknown[] = [];
  const configuration = aConfiguration({ warnings: ["mind the gap"] });
  takeUp({ reload: async (next) => void reloaded.push(next) }, { configuration }, log);
  expect(reloaded).toEqual([configuration]);
  expect(lines).toMatchObject([{ level: "warn", msg: "mind the gap" }]);
});

test("a file that is no configuration changes nothing, and the log has every problem", () => {
  const { log, lines } = aLog();
  takeUp(
    { reload: () => Promise.reject(new Error("not to be called")) },
    { error: new StartupError("two problems", 2) },
    log,
  );
  expect(lines).toMatchObject([{ level: "error", msg: expect.stringContaining("two problems") }]);
});

test("a configuration that cannot be taken up is told", async () => {
  const { log, lines } = aLog();
  takeUp({ reload: () => Promise.reject(new Error("port taken")) }, { configuration: aConfiguration() }, log);
  await until(() => lines.some(({ level }) => level === "error"));
});
