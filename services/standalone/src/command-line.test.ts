import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommandLine } from "./command-line.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "bridge-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const bridge = async (args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) => {
  const out: string[] = [];
  const err: string[] = [];
  const print = (line: string) => void out.push(line);
  const printError = (line: string) => void err.push(line);
  const status = await runCommandLine(args, { env: {}, cwd, print, printError, ...options });
  return { status, out: out.join("\n"), err: err.join("\n") };
};

describe("bridge", () => {
  test("--help prints the commands and --version the version", async () => {
    const help = await bridge(["--help"]);
    expect(help).toMatchObject({ status: 0, out: expect.stringContaining("validate [FILE]") });
    expect(await bridge(["--version"])).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  test.each([
    [["--fast"], "--fast"],
    [["validat"], 'unknown command "validat"'],
    [["constructor"], 'unknown command "constructor"'],
    [["validate", "a", "b"], "validate takes one file"],
    [[], "no command given"],
  ])("%j is wrong usage: exit status 2, with the usage", async (args, complaint) => {
    const { status, out, err } = await bridge(args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain(complaint);
    expect(err).toContain("usage: npm run bridge -- COMMAND");
  });
});

describe("bridge validate", () => {
  test("sums up the seed's example: its servers, ports and public names", async () => {
    const result = await bridge(["validate", "shared/test/fixtures/seed-example.json"], { cwd: repository });
    expect(result).toMatchObject({ status: 0, err: "" });
    expect(result.out).toMatch(/can be used: hybrid, 7 servers, revision [0-9a-f]{12}/);
    expect(result.out).toContain("MongoDB                       port 8173  stdio            published as governed_*");
    expect(result.out).toContain("tavily-remote-mcp             port 8176  streamable-http  published as tavily_*");
  });

  test("accepts the configuration that `npm start` uses", async () => {
    const result = await bridge(["validate", "config/mcp_governance_config.json"], { cwd: repository });
    expect(result).toMatchObject({ status: 0, err: "" });
    expect(result.out).toContain("unified, 4 servers");
  });

  test("prints every problem with its place, invalid patterns too, and exits with status 2", async () => {
    const text = '{ "mcpServers": { "a": { "transport": "stdio", "governance": { "blocked_patterns": ["("] } } } }';
    await writeFile(join(cwd, "mcp_governance_config.json"), text);
    const { status, out, err } = await bridge(["validate"]);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain("mcp_governance_config.json:1:24 mcpServers.a.command: is required for a stdio server");
    expect(err).toMatch(/:1:85 mcpServers\.a\.governance\.blocked_patterns\[0]: is no valid pattern: ./);
    expect(err).toContain("2 problems");
  });

  test("takes variables from .env, over which the real environment wins", async () => {
    const server = { transport: "stdio", command: "x", governance: { governance_prefix: `\${PREFIX}` } };
    await writeFile(join(cwd, "file.json"), JSON.stringify({ mcpServers: { a: server } }));
    await writeFile(join(cwd, ".env"), "PREFIX=fromfile\n");
    expect((await bridge(["validate", "file.json"])).out).toContain("published as fromfile_*");
    const real = await bridge(["validate", "file.json"], { env: { PREFIX: "real" } });
    expect(real.out).toContain("published as real_*");
  });

  test("a file that is not there is told, with exit status 2", async () => {
    const { status, err } = await bridge(["validate", "nowhere.json"]);
    expect(status).toBe(2);
    expect(err).toContain("cannot read nowhere.json: ENOENT");
  });
});
