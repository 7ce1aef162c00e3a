import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ours = "@mcp-governance-bridge";
const leftOut = new Set(["node_modules", "dist", ".git", ".data", "coverage"]);
const copy = realpathSync(mkdtempSync(join(tmpdir(), "gates-")));

beforeAll(() => {
  cpSync(".", copy, { recursive: true, filter: (path) => !leftOut.has(basename(path)) });
  linkPackages();
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe("each gate of `npm run check` catches its violation:", () => {
  test("an architecture rule that is broken", () => {
    seed("services/gateway/src/seeded.ts", `export { createDecisionPoint as seeded } from "${ours}/policy";`);
    seed("shared/src/seeded-service.ts", `export * from "../../services/gateway/src/seeded.ts";`);
    seed("shared/src/seeded-cycle.ts", `export * from "./seeded-cycle-back.ts";`);
    seed("shared/src/seeded-cycle-back.ts", `export * from "./seeded-cycle.ts";`);
    seed("services/policy/src/checks/seeded.ts", `export { readFileSync as seeded } from "node:fs";`);
    seed("services/policy/src/adapters/seeded.ts", "export const seeded = 1;");
    seed("services/policy/src/seeded-pick.ts", `export * from "./adapters/seeded.ts";`);
    const output = failureOf("npm", ["run", "-s", "layers"]);
    expect(output).toContain("services-meet-only-on-the-bus: services/gateway/src/seeded.ts -> services/policy/src/");
    expect(output).toContain("shared-knows-no-service: shared/src/seeded-service.ts -> services/gateway/src/seeded.ts");
    expect(output).toContain("no-cycles: shared/src/seeded-cycle");
    expect(output).toContain("checks-are-pure: services/policy/src/checks/seeded.ts -> fs");
    expect(output).toContain(
      "only-main-picks-adapters: services/policy/src/seeded-pick.ts -> services/policy/src/adapters/seeded.ts",
    );
  });

  test.each([
    ["policy", "ioredis"],
    ["tracker", "mongodb"],
    ["tracker", "lmdb"],
    ["tracker", "mingo"],
    ["gateway", "@nats-io/transport-node"],
  ])("%s using the driver %s outside of its adapters", (service, driver) => {
    const file = `services/${service}/src/seeded-driver.ts`;
    seed(file, `export * from "${driver}";`);
    expect(failureOf("npm", ["run", "-s", "layers"])).toContain(`drivers-live-in-adapters: ${file} -> `);
  });

  test("code that the linter forbids, and code that is not formatted", () => {
    seed("shared/src/seeded-lint.ts", "export const seeded = (value?: string): string => value!;");
    seed("shared/src/seeded-format.ts", "export const seeded   = 1\n");
    const output = failureOf("npm", ["run", "-s", "lint", "--", "--reporter=github", "--max-diagnostics=none"]);
    expect(output).toContain(`title=lint/style/noNonNullAssertion,file=${copy}/shared/src/seeded-lint.ts`);
    expect(output).toContain(`title=format,file=${copy}/shared/src/seeded-format.ts`);
  });

  test("a type error in a test", () => {
    seed("shared/src/seeded.test.ts", "export const seeded: number = 'one';");
    expect(failureOf("npm", ["run", "-s", "types", "--", "--pretty", "false"])).toContain(
      "shared/src/seeded.test.ts(1,14): error TS2322",
    );
  });

  test("a file and an export that nobody uses", () => {
    seed("shared/src/seeded-unused.ts", "export const seeded = 1;");
    seed("shared/src/seeded-half.ts", "export const used = 1;\nexport const seededExport = 2;");
    seed("shared/src/seeded-user.test.ts", `import { used } from "./seeded-half.ts";\nused.toString();`);
    const output = failureOf("npm", ["run", "-s", "unused"]);
    expect(output).toMatch(/Unused files[\s\S]*shared\/src\/seeded-unused[.]ts/);
    expect(output).toMatch(/Unused exports[\s\S]*seededExport/);
  });
});

/** The packages as they are installed, but our own ones from the copy, so that imports stay inside of it. */
function linkPackages(): void {
  const installed = realpathSync("node_modules");
  mkdirSync(join(copy, "node_modules", ours), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name !== ours) symlinkSync(join(installed, name), join(copy, "node_modules", name));
  }
  symlinkSync("../../shared", join(copy, "node_modules", ours, "shared"));
  for (const service of readdirSync("services")) {
    symlinkSync(join("../../services", service), join(copy, "node_modules", ours, service));
  }
}

function seed(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text);
}

function failureOf(command: string, args: string[]): string {
  const env = { ...process.env, FORCE_COLOR: "0" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, env, encoding: "utf8" });
  expect(status, "the gate let the violation pass").not.toBe(0);
  return stdout + stderr;
}
