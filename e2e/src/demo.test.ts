import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "./paths.ts";

// Against a gateway that runs already, it may have to wait for a used-up rate limit.
test("the demo sees what it should and shows one denial of each kind", { timeout: 150_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, "e2e/dist/demo.js")]);
  for (const code of ["time_restriction", "rate_limit", "security_pattern", "high_security"]) {
    expect(stdout).toMatch(new RegExp(`denied +${code}`));
  }
});
