import { expect, test } from "vitest";
import { presetOf } from "./security-levels.ts";

const SEED = ["credentials", "destructive-shell", "destructive-sql", "code-execution"];

test("row 65: medium looks for what the seed looks for, in its order", () => {
  expect(presetOf("medium")).toEqual({ packs: SEED, highSecurity: false });
});

test("row 65: low lets credentials pass", () => {
  expect(presetOf("low")).toEqual({ packs: SEED.slice(1), highSecurity: false });
});

test("row 65: high looks for more and asks for high security", () => {
  expect(presetOf("high")).toEqual({ packs: [...SEED, "path-traversal", "cloud-metadata"], highSecurity: true });
});
