import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decisions } from "./client/policies.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { connectCaller } from "./demo/caller.ts";
import { tell } from "./demo/story.ts";
import { describeSystems } from "./describe-systems.ts";
import { root } from "./paths.ts";
import { runBridge } from "./system/command-line.ts";
import type { ServerSettings } from "./system/configuration.ts";
import type { DistributedSystem } from "./system/distributed.ts";
import type { System } from "./system/system.ts";

// Names of its own: what others do on the same servers has others.
const suffix = randomBytes(4).toString("hex");
const named = (server: string) => `${server}-${suffix}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bridge-e2e-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface File {
  governance?: object;
  mcpServers: Record<string, ServerSettings & { args: string[]; governance: object }>;
}

/** The servers of the example configuration, for a system with another working directory. */
async function exampleServers(): Promise<File["mcpServers"]> {
  const { mcpServers } = JSON.parse(await readFile(join(root, "config/mcp_governance_config.json"), "utf8")) as File;
  const servers = Object.entries(mcpServers).map(([name, server]) => {
    const args = server.args.map((arg) =>
      arg.startsWith("node_modules/") ? join(root, arg) : arg.replace(/^\$\{MCP_FILES_DIR.*/, folder),
    );
    return [named(name), { ...server, args, env: { MEMORY_FILE_PATH: join(folder, "memory.jsonl") } }];
  });
  return Object.fromEntries(servers) as File["mcpServers"];
}

describeSystems(
  "the commands about policy, on traffic of the demo",
  async () => ({ servers: await exampleServers() }),
  (system) => {
    let calls = 0;
    beforeAll(async () => {
      const caller = await connectCaller(system().url(), () => undefined);
      await tell(caller, () => undefined);
      calls = caller.calls.length;
      await caller.close();
      const recorded = (name: string, count = 1) =>
        toolLogs(system(), { server_name: named(name), limit: "1000" }, { count });
      await Promise.all(["files", "memory", "night-shift"].map((name) => recorded(name)));
      await recorded("everything", caller.calls.filter(({ tool }) => tool.startsWith("everything_")).length);
    }, 120_000);

    const onRecord = (...args: string[]) => {
      const { place, env } = recordOf(system());
      return runBridge([...args, ...place], env);
    };
    const replay = async (candidate: string) => {
      const { status, out, err } = await onRecord("policy", "replay", "--candidate", candidate, "--json");
      expect(err).toBe("");
      return { status, report: JSON.parse(out) as Report };
    };

    test("a replay by the rules in force comes out as it did, call by call", async () => {
      const { report } = await replay(system().configFile);
      expect(oursIn(report.byTool)).toEqual([]);
      expect(report.read).toBeGreaterThanOrEqual(calls);
      // Of one call too many characters were sent to be kept; what an earlier system left on the stream is on record too.
      const cut = { why: "its arguments were kept in part only (max_log_size)", calls: expect.any(Number) };
      expect(report.notReplayed).toContainEqual(cut);
      expect(report.counters.compared).toBeGreaterThan(30);
    });

    test("a replay by other rules says what would change, and for whom", async () => {
      const file = JSON.parse(await readFile(system().configFile, "utf8")) as File;
      const change = (name: string, governance: object) => {
        const server = file.mcpServers[named(name)];
        if (server) server.governance = { ...server.governance, ...governance };
      };
      change("everything", { rate_limit: 10 });
      change("night-shift", { allowed_hours: undefined });
      change("memory", {
        results: [{ id: "mail", action: "redact", packs: ["personal-data"], tools: ["read_graph"] }],
      });
      const candidate = join(folder, "candidate.json");
      await writeFile(candidate, JSON.stringify(file));

      const { status, report } = await replay(candidate);
      expect(status).toBe(1);
      const none = { newlyDenied: 0, newlyPermitted: 0, otherObligations: 0 };
      expect(oursIn(report.byTool)).toEqual([
        { ...none, server: named("everything"), target: "echo", newlyDenied: expect.any(Number) },
        { ...none, server: named("memory"), target: "read_graph", otherObligations: 1 },
        { ...none, server: named("night-shift"), target: "echo", newlyPermitted: 1 },
      ]);
      // The first of each kind only, which may be what an earlier system left on the stream.
      const [permitted] = report.examples.filter(
        ({ server, change: kind }) => server === named("night-shift") && kind === "newly permitted",
      );
      expect(permitted).toMatchObject({ target: "echo", principal: "anonymous" });

      const { out } = await onRecord("policy", "replay", "--candidate", candidate);
      expect(out).toContain(`newly permitted, was denied by ${named("night-shift")}.allowed_hours`);
    });

    test("a decision is explained by the revision that made it", async () => {
      const rule = `${named("everything")}.blocked_patterns`;
      const [decision] = await decisions(system(), { rule });
      const { status, out } = await onRecord("policy", "explain", "--decision", String(decision?.decision_id));
      expect(status).toBe(0);
      expect(out).toContain(`recorded: deny by ${rule} (security_pattern): Security pattern detected`);
      expect(out).toContain(`explained: deny by ${rule} (security_pattern): Security pattern detected`);
      expect(out).not.toContain("note:");
      const json = await onRecord("policy", "explain", "--decision", String(decision?.decision_id), "--json");
      expect(JSON.parse(json.out)).toMatchObject({ decision: { rule }, explanation: { rule }, notes: [] });
    });

    test("a decision that is not on record is told", async () => {
      const { status, err } = await onRecord("policy", "explain", "--decision", "f1a3c3f0-6d0e-4c43-9b8a-9e0d3d2b7c11");
      expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining("there is no decision f1a3c3f0") });
    });

    test("validate knows the tools on record", async () => {
      const file = JSON.parse(await readFile(system().configFile, "utf8")) as File;
      const policies = [
        { id: "sums", effect: "deny", servers: [named("everything")], tools: ["get-sum"], when: "args.total > 100" },
        { id: "mail", effect: "deny", tools: ["send_mail"] },
      ];
      const path = join(folder, "lint.json");
      await writeFile(path, JSON.stringify({ ...file, governance: { ...file.governance, policies } }));
      const { status, out, err } = await onRecord("validate", path);
      expect(status).toBe(0);
      expect(err).toContain("governance.policies[0].when: warning: no tool that it is about has the argument total");
      expect(err).toContain("governance.policies[1].tools[0]: warning: matches no tool of ");
      expect(out).toContain("rules were checked against the tools on record in ");
    });
  },
);

interface Report {
  read: number;
  byTool: { server: string; target: string }[];
  notReplayed: { why: string; calls: number }[];
  examples: { server: string; change: string }[];
  counters: { compared: number };
}

/** Where the record of a system is, as the command line is told. */
function recordOf(system: System | DistributedSystem): { place: string[]; env: Record<string, string> } {
  if (!("database" in system)) return { place: ["--data", join(dirname(system.configFile), "data")], env: {} };
  return { place: ["--mongodb-uri", process.env.MONGODB_URI ?? ""], env: { MONGODB_DATABASE: system.database } };
}

function oursIn<Row extends { server: string }>(rows: readonly Row[]): Row[] {
  const ours = rows.filter(({ server }) => server.endsWith(suffix));
  return ours.sort((one, other) => one.server.localeCompare(other.server));
}
