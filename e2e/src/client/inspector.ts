import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { root } from "../paths.ts";

const LAUNCHER = join(root, "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js");

/** Runs the Inspector's command line in a home of its own, and returns what it printed as JSON. */
export async function inspect(
  url: string,
  method: string,
  ...args: string[]
): Promise<{ result: Record<string, unknown> }> {
  const home = await mkdtemp(join(tmpdir(), "inspector-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...[LAUNCHER, "--cli", "--server-url", url, "--transport", "http", "--method", method, ...args],
      ...["--format", "json", "-q"],
    ],
    { env: { PATH: process.env.PATH, HOME: home, MCP_CATALOG_PATH: join(home, "catalog.json") } },
  ).catch((error: { stdout?: string; stderr?: string }) => {
    // It leaves with a failure when a tool does, and prints its result all the same.
    if (error.stdout) return { stdout: error.stdout };
    throw new Error(error.stderr);
  });
  return JSON.parse(stdout) as { result: Record<string, unknown> };
}
