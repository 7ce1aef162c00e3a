import { setTimeout as sleep } from "node:timers/promises";
import { Scope } from "@mcp-governance-bridge/shared";
import { missingServers, notMeasured, type Servers, serversOf } from "../../system/servers.ts";
import { until } from "../../system/until.ts";
import { markdownTable, table } from "../../table.ts";
import { type BenchOptions, writePart } from "../write-part.ts";
import { recordInProcess } from "./in-process.ts";
import { publishCalls, publishSteadily } from "./publish.ts";
import { startTracker } from "./tracker.ts";
import { someCalls } from "./workload.ts";

const CALLS = 60_000;
const QUICK_CALLS = 10_000;
const OUTAGE = { callsPerSecond: 500, beforeMs: 5_000, awayMs: 30_000, quickAwayMs: 5_000, afterMs: 5_000 };
const PATIENCE_MS = 180_000;

/** What was measured, with its unit, and the figure. */
type Row = readonly [what: string, figure: string];

/** Measures how fast calls get into the record, chain included, and how it comes back from an outage of its store. */
export async function benchRecord(options: BenchOptions): Promise<void> {
  const { isQuick, isWritten, say } = options;
  const count = isQuick ? QUICK_CALLS : CALLS;
  const rows: Row[] = [];
  const add = (...row: Row): void => {
    rows.push(row);
    say(row.join(": "));
  };

  add(`in process, ${figure(count)} calls, calls/s recorded`, figure(await recordInProcess(count)));
  const missing = missingServers(process.env);
  const notes = missing.length > 0 ? [notMeasured("over NATS", missing)] : [];
  if (missing.length === 0) {
    const servers = serversOf(process.env);
    add(`over NATS into MongoDB, ${figure(count)} calls, calls/s recorded`, figure(await throughput(servers, count)));
    for (const row of await outage(servers, isQuick)) add(...row);
  }
  say(["", table(["record", "figure"], rows), ...notes].join("\n"));
  if (isWritten) await writePart("record", options, [markdownTable(["record", "figure"], rows), "", ...notes]);
}

/** Calls a second from the first one's publishing until the last one has its end on record. */
async function throughput(servers: Servers, count: number): Promise<number> {
  const scope = new Scope();
  try {
    const { bus, recorded } = await startTracker(scope, servers);
    const began = performance.now();
    await publishCalls(bus, someCalls(count));
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
