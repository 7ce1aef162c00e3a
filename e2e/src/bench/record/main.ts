import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Scope } from "@mcp-governance-bridge/shared";
import { root } from "../../paths.ts";
import { missingServers, type Servers, serversOf } from "../../system/servers.ts";
import { until } from "../../system/until.ts";
import { markdownTable, table } from "../../table.ts";
import { machine } from "../report.ts";
import { recordInProcess } from "./in-process.ts";
import { publishCalls, publishSteadily } from "./publish.ts";
import { startTracker } from "./tracker.ts";

const CALLS = 60_000;
const QUICK_CALLS = 10_000;
const OUTAGE = { callsPerSecond: 500, beforeMs: 5_000, awayMs: 30_000, quickAwayMs: 5_000, afterMs: 5_000 };
const PATIENCE_MS = 180_000;
const MARK = "<!-- record -->";

interface RecordBenchOptions {
  isQuick: boolean;
  /** Writes its part of docs/tracker-benchmarks.md. */
  isWritten: boolean;
  commandLine: string;
  say: (line: string) => void;
}

/** What was measured, with its unit, and the figure. */
type Row = readonly [what: string, figure: string];

/** Measures how fast calls get into the record, chain included, and how it comes back from an outage of its store. */
export async function benchRecord({ isQuick, isWritten, commandLine, say }: RecordBenchOptions): Promise<void> {
  const count = isQuick ? QUICK_CALLS : CALLS;
  const rows: Row[] = [];
  const add = (...row: Row): void => {
    rows.push(row);
    say(row.join(": "));
  };

  add(`in process, ${figure(count)} calls, calls/s recorded`, figure(await recordInProcess(count)));
  const missing = missingServers(process.env);
  const notes =
    missing.length > 0 ? [`NOT MEASURED: over NATS. It needs ${missing.join(", ")} in the environment.`] : [];
  if (missing.length === 0) {
    const servers = serversOf(process.env);
    add(`over NATS into MongoDB, ${figure(count)} calls, calls/s recorded`, figure(await throughput(servers, count)));
    for (const row of await outage(servers, isQuick)) add(...row);
  }
  say(["", table(["record", "figure"], rows), ...notes].join("\n"));
  if (isWritten) await write(rows, notes, commandLine);
}

/** Calls a second from the first one's publishing until the last one has its end on record. */
async function throughput(servers: Servers, count: number): Promise<number> {
  const scope = new Scope();
  try {
    const { bus, recorded } = await startTracker(scope, servers);
    const began = performance.now();
    await publishCalls(bus, count);
    await until(async () => (await recorded()).ended >= count, {
      what: `${count} calls are on record`,
      withinMs: PATIENCE_MS,
      everyMs: 100,
    });
    return count / ((performance.now() - began) / 1_000);
  } finally {
    await scope.close();
  }
}

async function outage(servers: Servers, isQuick: boolean): Promise<Row[]> {
  const { callsPerSecond, beforeMs, afterMs } = OUTAGE;
  const awayMs = isQuick ? OUTAGE.quickAwayMs : OUTAGE.awayMs;
  const scope = new Scope();
  try {
    const { bus, cable, recorded } = await startTracker(scope, servers);
    const began = performance.now();
    const load = publishSteadily(bus, callsPerSecond);
    await sleep(beforeMs);
    cable.cut();
    await sleep(awayMs);
    cable.mend();
    const back = performance.now();
    // What has been published by now, less what one batch may hold back.
    const caughtUp = async (): Promise<boolean> => {
      const published = Math.floor(((performance.now() - began) / 1_000) * callsPerSecond);
      return (await recorded()).ended >= published - callsPerSecond;
    };
    await until(caughtUp, { what: "the record has caught up", withinMs: PATIENCE_MS, everyMs: 100 });
    const lag = performance.now() - back;
    await sleep(afterMs);
    const count = await load.stop();
    await until(async () => (await recorded()).ended >= count, {
      what: "every call is on record",
      withinMs: PATIENCE_MS,
      everyMs: 100,
    });
    const { calls } = await recorded();
    const what = `MongoDB away for ${awayMs / 1_000} s at ${callsPerSecond} calls/s`;
    return [
      [`${what}, seconds until the record is less than one behind`, (lag / 1_000).toFixed(1)],
      [`${what}, calls published`, figure(count)],
      [`${what}, calls lost`, figure(Math.max(0, count - calls))],
      [`${what}, calls recorded twice`, figure(Math.max(0, calls - count))],
    ];
  } finally {
    await scope.close();
  }
}

function figure(number: number): string {
  return Math.round(number).toLocaleString("en");
}

async function write(rows: readonly Row[], notes: readonly string[], commandLine: string): Promise<void> {
  const path = join(root, "docs/tracker-benchmarks.md");
  const before = await readFile(path, "utf8").catch(() => `${MARK}${MARK}`);
  const [head = "", , tail = ""] = before.split(MARK);
  const part = [
    "",
    `Written by \`${commandLine}\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}; Node ${process.versions.node}.`,
    "",
    markdownTable(["record", "figure"], rows),
    "",
    ...notes.flatMap((note) => [note, ""]),
  ].join("\n");
  await writeFile(path, [head, part, tail].join(MARK));
}
