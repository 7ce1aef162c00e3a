import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { expect, test } from "vitest";

const generate = (cwd: string, ...flags: string[]) => {
  const args = ["--import", "tsx", "--conditions=source", join(cwd, "infra/generate.ts"), ...flags];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  return { status, stderr };
};

test("the generated documents and the published JSON Schema are current", () => {
  expect(generate(resolve("."), "--check")).toEqual({ status: 0, stderr: "" });
});

test("a generated document that was edited by hand is named", () => {
  const copy = mkdtempSync(join(tmpdir(), "generate-"));
  try {
    const isOurs = (path: string) => !["node_modules", "dist", ".git", ".data"].includes(basename(path));
    cpSync(".", copy, { recursive: true, filter: isOurs });
    symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
    expect(generate(copy).status).toBe(0);
    writeFileSync(join(copy, "docs/errors.md"), "# Errors\n");
    expect(generate(copy, "--check")).toEqual({
      status: 1,
      stderr: "docs/errors.md is stale: run `npm run generate`\n",
    });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
