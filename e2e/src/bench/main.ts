import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../paths.ts";
import { memoryOf } from "../system/process-tree.ts";
import { measure, type Plan } from "./measure.ts";
import { type MemoryCourse, watchMemory } from "./memory.ts";
import { benchMillion } from "./million/main.ts";
import { benchPolicy } from "./policy/main.ts";
import { benchRecord } from "./record/main.ts";
import { asMarkdown, asText, type Findings } from "./report.ts";
import { startTargets, type Target } from "./targets.ts";
import type { BenchOptions } from "./write-part.ts";

const USAGE = `npm run bench -- [--memory | --policy | --record | --million] [--quick] [--write]
  --quick   one short round, no memory course
  --memory  only the memory course
  --policy  only decisions, without the calls around them
  --record  only the record: calls a second, and an outage of MongoDB
  --million only questions on a million calls
  --write   writes docs/benchmarks.md, with --policy docs/policy-benchmarks.md,
            with --record or --million its part of docs/tracker-benchmarks.md`;

const FULL: Plan = { connections: [1, 16, 64], rounds: 3, warmUpMs: 1_000, forMs: 3_000 };
const QUICK: Plan = { connections: [1, 16, 64], rounds: 1, warmUpMs: 300, forMs: 1_000 };
const MEMORY_CALLS = 200_000;
const HAND_WRITTEN_FROM = "## Where the time goes";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    memory: { type: "boolean", default: false },
    policy: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    million: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const commandLine = ["npm run bench --", ...process.argv.slice(2)].join(" ");

const say = (line: string): void => console.log(line);

async function versionOf(name: string): Promise<string> {
  const text = await readFile(join(root, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function bench(targets: readonly Target[], notes: readonly string[]): Promise<Findings> {
  const plan = flags.quick ? QUICK : { ...FULL, rounds: flags.memory ? 0 : FULL.rounds };
  const measurements = await measure(targets, plan, say);
  const memory = new Map<Target, number>();
  for (const target of targets) memory.set(target, await memoryOf(target.pids));
  const courses: MemoryCourse[] = [];
  for (const target of flags.quick ? [] : targets.filter(({ name }) => name.startsWith("ours"))) {
    say(`memory of ${target.name} over ${MEMORY_CALLS.toLocaleString("en")} calls`);
    courses.push(await watchMemory(target, MEMORY_CALLS));
  }
  return {
    measurements,
    memory,
    courses,
    notes,
    versions: {
      Node: process.versions.node,
      "mcp-proxy": await versionOf("mcp-proxy"),
      supergateway: await versionOf("supergateway"),
    },
    commandLine,
  };
}

/** The part of the page that people write is kept as it is. */
async function write(findings: Findings): Promise<void> {
  const path = join(root, "docs/benchmarks.md");
  const before = await readFile(path, "utf8").catch(() => "");
  const from = before.indexOf(HAND_WRITTEN_FROM);
  await writeFile(path, asMarkdown(findings) + (from < 0 ? "" : `\n${before.slice(from)}`));
  say(`wrote ${path}`);
}

async function main(): Promise<void> {
  const notes: string[] = [];
  const targets = await startTargets((line) => {
    notes.push(line);
    say(line);
  });
  try {
    const findings = await bench(targets.all, notes);
    say(`\n${asText(findings)}`);
    if (flags.write) await write(findings);
  } finally {
    await targets.close();
  }
}

const options: BenchOptions = { isQuick: flags.quick, isWritten: flags.write, commandLine, say };

if (flags.help) say(USAGE);
else if (flags.policy) await benchPolicy(options);
else if (flags.record) await benchRecord(options);
else if (flags.million) await benchMillion(options);
else await main();
