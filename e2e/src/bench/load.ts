import { createHistogram } from "node:perf_hooks";
import { openConnection } from "./connection.ts";
import { echoOnce, openSession } from "./mcp-session.ts";

/** What the load process is asked to do, as JSON in its first argument. */
export interface LoadRequest {
  url: string;
  tool: string;
  connections: number;
  /** Ends the load, whichever comes first. */
  forMs: number;
  calls: number;
  /** Calls of this first while are made but not measured. */
  warmUpMs: number;
}

/** What it prints: milliseconds, and calls per second. */
export interface LoadResult {
  calls: number;
  callsPerSecond: number;
  p50: number;
  p99: number;
}

async function load(request: LoadRequest): Promise<LoadResult> {
  const url = new URL(request.url);
  const { headers } = await openSession(url);
  const histogram = createHistogram({ lowest: 1, highest: 60_000_000, figures: 4 });
  const measureFrom = performance.now() + request.warmUpMs;
  const end = measureFrom + request.forMs;
  let calls = 0;
  let measured = 0;

  const caller = async (): Promise<void> => {
    const connection = await openConnection(url, headers);
    for (let begun = performance.now(); begun < end && calls < request.calls; ) {
      calls += 1;
      await echoOnce(connection, request.tool, calls);
      const done = performance.now();
      if (begun >= measureFrom) {
        measured += 1;
        histogram.record(Math.max(1, Math.round((done - begun) * 1000)));
      }
      begun = done;
    }
    connection.close();
  };

  await Promise.all(Array.from({ length: request.connections }, caller));
  return {
    calls,
    callsPerSecond: measured / ((performance.now() - measureFrom) / 1000),
    p50: histogram.percentile(50) / 1000,
    p99: histogram.percentile(99) / 1000,
  };
}

const result = await load(JSON.parse(process.argv[2] ?? "{}") as LoadRequest);
process.stdout.write(JSON.stringify(result));
