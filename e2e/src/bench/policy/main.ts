import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../paths.ts";
import { missingServers, notMeasured, serversOf } from "../../system/servers.ts";
import { markdownTable, table } from "../../table.ts";
import { machine } from "../report.ts";
import type { BenchOptions } from "../write-part.ts";
import { decideInProcess } from "./in-process.ts";
import { decideOverNats } from "./over-nats.ts";
import type { Sample, SampleOptions } from "./sample.ts";

const RULES = [10, 100, 1_000];
const CONCURRENCY = 16;
const FULL = { warmUpMs: 1_500, forMs: 4_000 };
const QUICK = { warmUpMs: 500, forMs: 1_000 };

type Row = readonly [what: string, rules: number, sample: Sample];

/** Measures `decide` alone, in process and over NATS with Redis, against the number of rules. */
export async function benchPolicy({ isQuick, isWritten, commandLine, say }: BenchOptions): Promise<void> {
  const times = isQuick ? QUICK : FULL;
  const rows: Row[] = [];
  const run = async (what: string, measure: (count: number) => Promise<Sample>) => {
    for (const count of RULES) {
      say(`${what}, ${count} rules`);
      rows.push([what, count, await measure(count)]);
    }
  };

  const one: SampleOptions = { ...times, concurrency: 1 };
  await run("in process", (count) => decideInProcess(count, one));
  const missing = missingServers(process.env);
  const notes = missing.length > 0 ? [notMeasured("over NATS", missing)] : [];
  if (missing.length === 0) {
    const servers = serversOf(process.env);
    await run("over NATS, one at a time", (count) => decideOverNats(count, servers, one));
    await run(`over NATS, ${CONCURRENCY} at a time`, (count) =>
      decideOverNats(count, servers, { ...times, concurrency: CONCURRENCY }),
    );
  }
  say(["", table(...tableOf(rows)), ...notes].join("\n"));
  if (isWritten) await write(rows, notes, commandLine);
}

function tableOf(rows: readonly Row[]): [string[], string[][]] {
  return [
    ["decide", "rules", "decisions/s", "p50 µs", "p99 µs"],
    rows.map(([what, count, { decisionsPerSecond, p50, p99 }]) => [
      what,
      count.toLocaleString("en"),
      Math.round(decisionsPerSecond).toLocaleString("en"),
      p50.toFixed(1),
      p99.toFixed(1),
    ]),
  ];
}

async function write(rows: readonly Row[], notes: readonly string[], commandLine: string): Promise<void> {
  const text = [
    "# Benchmarks of the policy",
    "",
    `Written by \`${commandLine}\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}; Node ${process.versions.node}.`,
    "",
    "One call with 1 KiB of arguments that every rule permits: two pattern packs, the seed's limit and a limit per principal, and so many",
    "rules, of which two apply to the call, one with a condition over its arguments. In process, counters are in memory; over NATS the policy",
    "service is a process of its own and counts in Redis, and the asker shares the cores with all of them.",
    "",
    markdownTable(...tableOf(rows)),
    "",
    ...notes.flatMap((note) => [note, ""]),
  ].join("\n");
  await writeFile(join(root, "docs/policy-benchmarks.md"), text);
}
