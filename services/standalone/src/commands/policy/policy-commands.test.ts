import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommandLine } from "../../command-line.ts";

const repository = fileURLToPath(new URL("../../../../..", import.meta.url));
let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "bridge-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const bridge = async (args: string[], options: { cwd?: string; input?: string; env?: NodeJS.ProcessEnv } = {}) => {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runCommandLine(["policy", ...args], {
    env: {},
    cwd,
    readInput: async () => options.input ?? "",
    print: (line) => void out.push(line),
    printError: (line) => void err.push(line),
    ...options,
  });
  return { status, out: out.join("\n"), err: err.join("\n") };
};

/** Writes a configuration with these rules of one server, and returns its name. */
const aConfiguration = async (governance: object) => {
  const server = { transport: "stdio", command: "x", governance };
  await writeFile(join(cwd, "mcp_governance_config.json"), JSON.stringify({ mcpServers: { weather: server } }));
  return "mcp_governance_config.json";
};
const noMaps = { policies: [{ id: "no-maps", effect: "deny", tools: ["map"], reason: "No maps." }] };
const call = { server: "weather", tool: "map" };
const theTests = (...tests: object[]) => writeFile(join(cwd, "policy-tests.json"), JSON.stringify({ tests }, null, 2));

describe("bridge policy test", () => {
  test("finds the example configuration as its tests say, every rule tried", async () => {
    const result = await bridge(["test", "--min-coverage", "100"], { cwd: repository });
    expect(result).toMatchObject({ status: 0, err: "" });
    expect(result.out).toMatch(/^\d+ passed, 0 failed\nrules that matched in a test: \d+ of \d+ \(100 %\)$/);
  });

  test("finds it as docs/policy-tools.md says", async () => {
    const page = await readFile(join(repository, "docs/policy-tools.md"), "utf8");
    const tests = join(cwd, "shown.json");
    await writeFile(tests, /^```json\n(.*?)^```$/ms.exec(page)?.[1] ?? "");
    expect(await bridge(["test", tests], { cwd: repository })).toMatchObject({
      status: 0,
      out: expect.stringContaining("2 passed, 0 failed"),
    });
  });

  test("prints what is otherwise than expected, and why, and exits with status 1", async () => {
    await aConfiguration(noMaps);
    await theTests(
      { name: "maps are fine", call, expect: { effect: "permit" } },
      { name: "so is the rest", call: { ...call, tool: "rain" }, expect: { effect: "permit" } },
    );
    const { status, out, err } = await bridge(["test"]);
    expect({ status, err }).toEqual({ status: 1, err: "" });
    expect(out.split("\n").slice(0, 5)).toEqual([
      "FAILED policy-tests.json: maps are fine",
      '  effect is "deny", not "permit"',
      "  it came out as deny by weather.policies.no-maps (policy_rule): No maps.",
      "  looked at, in this order:",
      expect.stringMatching(/^ {4}passed +weather\.schedule /),
    ]);
    expect(out).toContain("1 passed, 1 failed\nrules that matched in a test: 1 of 1 (100 %)");
  });

  test("fails where less of the rules is tried than asked for, and names the others", async () => {
    await aConfiguration(noMaps);
    await theTests({ name: "rain", call: { ...call, tool: "rain" }, expect: { effect: "permit" } });
    expect((await bridge(["test"])).status).toBe(0);
    const { status, out } = await bridge(["test", "--min-coverage", "50"]);
    expect(status).toBe(1);
    expect(out).toContain("0 of 1 (0 %), less than the 50 % asked for\n  in no test: weather.policies.no-maps");
  });

  test("takes several files, each a story of its own", async () => {
    const config = await aConfiguration({ rate_limit: 1 });
    const tests = JSON.stringify({ tests: [{ name: "one", call, expect: { effect: "permit" } }] });
    await writeFile(join(cwd, "a.json"), tests);
    await writeFile(join(cwd, "b.json"), tests);
    expect(await bridge(["test", "a.json", "b.json", "--config", config])).toMatchObject({
      status: 0,
      out: expect.stringContaining("2 passed, 0 failed"),
    });
  });

  test.each<[string, string, RegExp]>([
    ["is not there", "", /^cannot read policy-tests\.json: ENOENT/],
    ["is no JSON", "{", /^policy-tests\.json:1:2 /],
    ["is of another form", '{\n "tests": [{ "call": {} }] }', /^policy-tests\.json:2:\d+ tests\[0\]/],
  ])("a file that %s is told with its place, with exit status 2", async (_what, text, problem) => {
    await aConfiguration({});
    if (text !== "") await writeFile(join(cwd, "policy-tests.json"), text);
    const { status, out, err } = await bridge(["test"]);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toMatch(problem);
  });
});

describe("bridge policy explain", () => {
  test("says how a call would come out, and why", async () => {
    await aConfiguration(noMaps);
    const input = JSON.stringify({ ...call, at: "2026-01-01T12:00:00Z" });
    const { status, out } = await bridge(["explain", "--call", "-"], { input });
    expect(status).toBe(0);
    expect(out.split("\n").slice(0, 3)).toEqual([
      "by mcp_governance_config.json, at 2026-01-01T12:00:00.000Z",
      "deny by weather.policies.no-maps (policy_rule): No maps.",
      "",
    ]);
    expect(out).toMatch(/matched +weather\.policies\.no-maps +deny +it matches/);
  });

  test("goes by the labels that the session carries, and the labels that the call adds", async () => {
    await aConfiguration({
      labels: [{ tools: ["map"], labels: ["sends_out"] }],
      policies: [{ id: "leak", effect: "deny", closes: ["private_data", "sends_out"] }],
    });
    const input = JSON.stringify({ ...call, labels: ["private_data"] });
    const { out } = await bridge(["explain", "--call", "-"], { input });
    expect(out).toContain("deny by weather.policies.leak (information_flow)");
    expect(out).toContain("labels: the session has private_data, the call adds sends_out");
  });

  test("gives the same as JSON", async () => {
    await aConfiguration(noMaps);
    await writeFile(join(cwd, "call.json"), JSON.stringify(call));
    const { out } = await bridge(["explain", "--call", "call.json", "--json"]);
    expect(JSON.parse(out)).toMatchObject({
      effect: "deny",
      rule: "weather.policies.no-maps",
      steps: expect.any(Array),
    });
  });

  test("a call of another form is told with its place, with exit status 2", async () => {
    await aConfiguration({});
    const { status, err } = await bridge(["explain", "--call", "-"], { input: '{\n "server": 1, "tool": "x" }' });
    expect({ status, err }).toEqual({ status: 2, err: "standard input:2:12 server: must be a string, not a number" });
  });
});

describe("wrong usage of a policy command", () => {
  test.each([
    [["test", "--min-coverage", "101"], "--min-coverage takes a number from 0 to 100"],
    [["test", "--min-coverage", ""], "--min-coverage takes a number from 0 to 100"],
    [["explain"], "give one of --decision and --call"],
    [["explain", "--call", "-", "--decision", "x"], "give one of --decision and --call"],
    [["explain", "--decision", "x", "--config", "y"], "--config goes with --call"],
    [
      ["explain", "--decision", "x", "--data", "a", "--mongodb-uri", "b"],
      "--data and --mongodb-uri exclude each other",
    ],
    [["replay"], "--candidate FILE is required"],
    [["replay", "--candidate", "x", "--hours", "0"], "--hours takes a number above 0"],
    [["replay", "--candidate", "x", "--hours", "soon"], "--hours takes a number above 0"],
    [["replay", "x"], "Unexpected argument"],
    [["sing"], "one of test, explain, replay must follow policy"],
  ])("%j has exit status 2 and says what is wrong", async (args, complaint) => {
    const { status, out, err } = await bridge(args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain(complaint);
  });

  test.each([
    [["replay", "--candidate", "mcp_governance_config.json"], "there is no record in .data: name one with --data DIR"],
    [["replay", "--candidate", "mcp_governance_config.json", "--data", "x"], "there is no record in x"],
    [["replay", "--candidate", "other.json"], "cannot read the configuration file"],
    [["explain", "--decision", "x"], "there is no record in .data"],
    [["explain", "--call", "nowhere.json"], "cannot read nowhere.json: ENOENT"],
  ])("%j names what is missing, with exit status 2", async (args, complaint) => {
    await aConfiguration({});
    const { status, err } = await bridge(args);
    expect(status).toBe(2);
    expect(err).toContain(complaint);
  });

  test("an address of MongoDB that nobody answers is told without its password, with exit status 2", async () => {
    const uri = "mongodb://ada:hunter2@127.0.0.1:1/records";
    const { status, err } = await bridge(["explain", "--decision", "x", "--mongodb-uri", uri]);
    expect(status).toBe(2);
    expect(err).toContain("cannot read the MongoDB database records: ");
    expect(err).not.toContain("hunter2");
  });
});
