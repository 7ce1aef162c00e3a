import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
  const status = await runCommandLine(args, { env: {}, cwd, readInput: async () => "", print, printError, ...options });
  return { status, out: out.join("\n"), err: err.join("\n") };
};

describe("bridge", () => {
  test("--help prints the commands and --version the version", async () => {
    const help = await bridge(["--help"]);
    expect(help).toMatchObject({ status: 0, out: expect.stringContaining("validate [FILE]") });
    expect(await bridge(["-h"])).toEqual(help);
    expect(await bridge(["--version"])).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  test("--help after a command prints how that is called", async () => {
    const { status, out } = await bridge(["import", "file.json", "--help"]);
    expect({ status, first: out.split("\n")[0] }).toEqual({
      status: 0,
      first: "usage: npm run bridge -- import FILE [--out FILE]",
    });
  });

  test.each([
    [["--fast"], "--fast"],
    [["validat"], 'unknown command "validat"'],
    [["constructor"], 'unknown command "constructor"'],
    [["validate", "a", "b"], "validate takes one file"],
    [["validate", "--fast"], "--fast"],
    [["import"], "import takes one file"],
    [["import", "a", "--out"], "--out"],
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
    expect(result.status).toBe(0);
    expect(result.err.split("\n")).toEqual([
      expect.stringContaining("seed-example.json: warning: mcpServers.memory-mcp.governance.security_level:"),
      expect.stringContaining("warning: mcpServers.aws-documentation-mcp-server.governance.security_level:"),
    ]);
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
    expect(err).toMatch(/:1:85 mcpServers\.a\.governance\.blocked_patterns\[0]: ./);
    expect(err).toContain("2 problems");
  });

  test("finds mistakes in conditions and in packs, with their places", async () => {
    const packs = { pattern_pack_files: ["own.json"], policies: [{ id: "a", effect: "deny", when: "args.x >" }] };
    const file = { mcpServers: { a: { transport: "stdio", command: "x" } }, governance: packs };
    const pack = { name: "own", description: "", patterns: [{ id: "a", pattern: "(" }], attacks: [], lookalikes: [] };
    await writeFile(join(cwd, "file.json"), JSON.stringify(file));
    await writeFile(join(cwd, "own.json"), JSON.stringify(pack));
    const { status, err } = await bridge(["validate", "file.json"]);
    expect(status).toBe(2);
    expect(err).toMatch(/file\.json:1:\d+ governance\.policies\[0]\.when: ./);
    expect(err).toMatch(/governance\.pattern_pack_files\[0]: own\.json:1:\d+ patterns\[0]\.pattern: ./);
    expect(err).toContain("2 problems");
  });

  test("warns of rules that look like mistakes, with their places, and says what they were not checked against", async () => {
    const policies = [{ id: "a", effect: "deny", when: "1 > 2" }];
    const file = { mcpServers: { a: { transport: "stdio", command: "x", governance: { policies } } } };
    await writeFile(join(cwd, "file.json"), JSON.stringify(file, null, 1));
    const { status, out, err } = await bridge(["validate", "file.json"]);
    expect({ status, err }).toEqual({
      status: 0,
      err: "file.json:11:15 mcpServers.a.governance.policies[0].when: warning: is never true: the rule never matches",
    });
    expect(out).toContain("\nrules were not checked against tools: no record was found");
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
    expect(err).toMatch(/cannot read the configuration file .*nowhere\.json: ENOENT/);
  });
});

describe("bridge import", () => {
  const secret = "ghp_0123456789abcdefABCDEF";
  const client = `{
    // of an editor
    "mcpServers": {
      "git hub": { "command": "npx", "args": ["-y", "server-github"], "env": { "GITHUB_TOKEN": "${secret}" } },
      "old": { "type": "sse", "url": "https://h.example/sse" },
    }
  }`;

  test("prints a configuration that validate accepts, what to set and what was left out, and no secret", async () => {
    await writeFile(join(cwd, "client.json"), client);
    const { status, out, err } = await bridge(["import", "client.json"]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({
      mcpServers: {
        "git-hub": {
          transport: "stdio",
          command: "npx",
          args: ["-y", "server-github"],
          env: { GITHUB_TOKEN: `\${GITHUB_TOKEN}` },
          governance: { governance_prefix: "git-hub" },
        },
      },
    });
    expect(err.split("\n")).toEqual([
      "git hub: is called git-hub here",
      expect.stringContaining("old was left out: the transport sse comes in a later release"),
      "set these variables, in the environment or in .env:",
      "  GITHUB_TOKEN",
    ]);
    expect(out + err).not.toContain(secret);
    await writeFile(join(cwd, "mcp_governance_config.json"), out);
    expect((await bridge(["validate"], { env: { GITHUB_TOKEN: "x" } })).status).toBe(0);
  });

  test("writes a file that is not there, and never overwrites one", async () => {
    await writeFile(join(cwd, "client.json"), client);
    const first = await bridge(["import", "client.json", "--out", "ours.json"]);
    expect(first).toMatchObject({ status: 0, out: "wrote ours.json: 1 server" });
    const written = await readFile(join(cwd, "ours.json"), "utf8");
    expect(JSON.parse(written)).toHaveProperty(["mcpServers", "git-hub"]);
    const second = await bridge(["import", "client.json", "--out", "ours.json"]);
    expect(second).toMatchObject({ status: 2, out: "" });
    expect(second.err).toContain("cannot write ours.json: it is there already, and import overwrites nothing");
    expect(await readFile(join(cwd, "ours.json"), "utf8")).toBe(written);
  });

  test.each([
    ["{ broken", "client.json:1:3 invalid JSON"],
    ['{ "servers": {} }', "client.json has no servers"],
    ['{ "mcpServers": { "a": { "type": "sse" } } }', "no server can be imported"],
  ])("%s is told, with exit status 2", async (text, complaint) => {
    await writeFile(join(cwd, "client.json"), text);
    const { status, out, err } = await bridge(["import", "client.json"]);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain(complaint);
  });
});
