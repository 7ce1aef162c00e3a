import { cpus, release, totalmem, type } from "node:os";
import { markdownTable, table } from "../table.ts";
import type { LoadResult } from "./load.ts";
import type { Measurements } from "./measure.ts";
import type { MemoryCourse } from "./memory.ts";
import type { Target } from "./targets.ts";

/** All that one run of the benchmark found. */
export interface Findings {
  measurements: Measurements;
  /** MiB by target, after the load of the table. */
  memory: ReadonlyMap<Target, number>;
  courses: readonly MemoryCourse[];
  /** What was not measured, and why. */
  notes: readonly string[];
  versions: Readonly<Record<string, string>>;
  commandLine: string;
}

type Rows = readonly [headings: readonly string[], rows: readonly (readonly string[])[]];

/** For the terminal. */
export function asText(findings: Findings): string {
  const parts = [table(...speedRows(findings))];
  if (findings.courses.length > 0) parts.push(table(...courseRows(findings.courses)));
  return [...parts, ...findings.notes].join("\n\n");
}

/** For docs/benchmarks.md. */
export function asMarkdown(findings: Findings): string {
  const versions = Object.entries(findings.versions).map(([name, version]) => `${name} ${version}`);
  const lines = [
    "# Benchmarks",
    "",
    `Written by \`${findings.commandLine}\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}; ${versions.join(", ")}.`,
    "",
    "All targets run at the same time and are loaded in turn, round after round; figures are medians of the rounds. The load generator, the",
    "target and its upstream share the cores. One MCP session, one echo tool, keep-alive connections with one call under way on each; every",
    "answer is checked. All proxies stand before the same stdio upstream; `direct` is the same tool in a plain HTTP server. Ours checks policy",
    "with its limits on and records every call durably. Memory is what the target's processes and all below them hold after the load,",
    "without mapped files, and without NATS, Redis and MongoDB. Compare within a table only: an absolute figure of one machine is worth little.",
    "",
    markdownTable(...speedRows(findings)),
    "",
  ];
  if (findings.courses.length > 0) {
    lines.push(
      "Memory over many calls on 16 connections, MiB:",
      "",
      markdownTable(...courseRows(findings.courses)),
      "",
    );
  }
  return [...lines, ...findings.notes.flatMap((note) => [note, ""])].join("\n");
}

/** Processors, memory and system of the machine that this runs on. */
export function machine(): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} × ${cpus()[0]?.model}, ${memory}, ${type()} ${release()}`;
}

function speedRows({ measurements, memory }: Findings): Rows {
  const connections = [...([...measurements.values()][0]?.keys() ?? [])];
  const headings = ["target", ...connections.flatMap((n) => [`calls/s @${n}`, `p50 ms @${n}`, `p99 ms @${n}`]), "MiB"];
  const rows = [...measurements].map(([target, results]) => [
    target.name,
    ...connections.flatMap((n) => cellsOf(results.get(n))),
    (memory.get(target) ?? 0).toFixed(0),
  ]);
  return [headings, rows];
}

function cellsOf(result: LoadResult | undefined): string[] {
  if (!result) return ["-", "-", "-"];
  return [Math.round(result.callsPerSecond).toLocaleString("en"), result.p50.toFixed(2), result.p99.toFixed(2)];
}

function courseRows(courses: readonly MemoryCourse[]): Rows {
  const calls = courses[0]?.calls ?? 0;
  const tenths = Array.from({ length: 10 }, (_, index) => `${(((index + 1) * calls) / 10_000).toLocaleString("en")}k`);
  return [
    ["target", "before", ...tenths, "idle"],
    courses.map(({ target, before, tenths: values, idle }) => [
      target.name,
      ...[before, ...values, idle].map((value) => value.toFixed(0)),
    ]),
  ];
}
