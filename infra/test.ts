import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers, type TestServer, testServers } from "./servers.ts";

/** The members of vitest's JSON report that are needed here. */
interface Report {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

const PROJECTS = ["unit", "contract", "e2e", "gates"];

const mustCoverAll = process.env.REQUIRE_ALL_ADAPTERS === "1";
const missing = await findServers();
const { report, exitCode } = await runTests(process.argv.slice(2));
const succeeded = report.success && exitCode === 0 && !(mustCoverAll && missing.length > 0);
// A file that cannot be loaded, or an error outside of any test, fails the run without a failed test.
const failed = Math.max(report.numFailedTests, succeeded ? 0 : 1);
const skipped = report.numPendingTests + report.numTodoTests;
// Said again at the end, where it is read.
for (const server of missing) console.log(notCovered(server));
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;

/** Puts the address of each server that is there into the environment, and returns those that are not. */
async function findServers(): Promise<TestServer[]> {
  const absent: TestServer[] = [];
  for (const server of testServers) {
    if (process.env[server.variable]) {
      console.log(`covered: ${server.name} (${server.variable} is set)`);
    } else if (await answers(server)) {
      process.env[server.variable] = server.url;
      console.log(`covered: ${server.name} (found at ${server.url})`);
    } else {
      absent.push(server);
      console.log(notCovered(server));
    }
  }
  return absent;
}

function notCovered({ name, start, variable }: TestServer): string {
  const consequence = mustCoverAll ? "FAIL" : "are SKIPPED";
  return `NOT COVERED: ${name}; its tests ${consequence}. To have them: ${start} (or set ${variable})`;
}

async function runTests(args: string[]): Promise<{ report: Report; exitCode: number }> {
  const folder = mkdtempSync(join(tmpdir(), "vitest-"));
  const file = join(folder, "report.json");
  const projects = args.includes("--project") ? [] : PROJECTS.flatMap((name) => ["--project", name]);
  const vitest = ["node_modules/vitest/vitest.mjs", "run", ...projects, ...args];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  try {
    const child = spawn(process.execPath, [...vitest, ...reporters], { stdio: "inherit" });
    const [code] = await once(child, "exit");
    return { report: readReport(file), exitCode: code ?? 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { success: false, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  }
}
