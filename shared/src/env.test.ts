import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { loadEnv, Port } from "./env.ts";

const schema = z.object({ REDIS_URL: z.url().default("redis://localhost:6379"), PORT: Port.default(80) });

test("names every problem at once", () => {
  expect(() => loadEnv(schema, { REDIS_URL: "nowhere", PORT: "70000" })).toThrow(/REDIS_URL[\s\S]*PORT/);
});

test("takes an empty value for unset", () => {
  expect(loadEnv(schema, { PORT: "" })).toEqual({ REDIS_URL: "redis://localhost:6379", PORT: 80 });
});

test("reads a secret from the file that NAME_FILE names", () => {
  const file = join(mkdtempSync(join(tmpdir(), "env-")), "redis");
  writeFileSync(file, "redis://:secret@cache:6379\n");
  expect(loadEnv(schema, { REDIS_URL_FILE: file }).REDIS_URL).toBe("redis://:secret@cache:6379");
});

test("says which file could not be read", () => {
  expect(() => loadEnv(schema, { REDIS_URL_FILE: "/nowhere" })).toThrow("REDIS_URL_FILE: ENOENT");
});
