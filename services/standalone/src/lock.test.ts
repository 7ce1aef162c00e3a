import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockFolder } from "./lock.ts";

const aFolder = () => mkdtempSync(join(tmpdir(), "lock-"));

test("a data folder that a living process holds is refused, with its number", () => {
  const folder = aFolder();
  writeFileSync(join(folder, "lock"), String(process.ppid));
  expect(() => lockFolder(folder)).toThrow(`in use by process ${process.ppid}`);
});

test("the claim of a process that was killed is taken over", () => {
  const folder = aFolder();
  writeFileSync(join(folder, "lock"), "999999999");
  expect(() => lockFolder(folder)).not.toThrow();
});

test("a folder given back can be claimed again", async () => {
  const folder = aFolder();
  await lockFolder(folder).close();
  expect(() => lockFolder(folder)).not.toThrow();
});
