import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { describeSystems } from "./describe-systems.ts";
import { root } from "./paths.ts";
import { echo, reference } from "./system/configuration.ts";

const LAUNCHER = join(root, "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js");

/** Runs the Inspector's command line in a home of its own, and returns what it printed as JSON. */
async function inspect(url: string, method: string, ...args: string[]): Promise<{ result: Record<string, unknown> }> {
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

const settings = {
  servers: { echo: echo({ high_security: true }), everything: reference("everything", ["stdio"]) },
};

describeSystems("the Inspector's command line", settings, (system) => {
  test("lists tools, resources and prompts", async () => {
    const tools = await inspect(system().url(), "tools/list");
    expect(JSON.stringify(tools)).toContain("echo_echo");
    const resources = await inspect(system().url(), "resources/list");
    expect(JSON.stringify(resources)).toContain("demo://resource/static/document/features.md");
    const prompts = await inspect(system().url(), "prompts/list");
    expect(JSON.stringify(prompts)).toContain("everything_simple-prompt");
  });

  test("calls a tool", async () => {
    const { result } = await inspect(
      system().url(),
      "tools/call",
      ...["--tool-name", "everything_echo", "--tool-arg", "message=hi"],
    );
    expect(JSON.stringify(result.content)).toContain("hi");
  });

  test("shows a denial", async () => {
    const { result } = await inspect(system().url(), "tools/call", "--tool-name", "echo_drop-collection");
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result.content)).toContain("Governance denied: High security mode");
  });
});
