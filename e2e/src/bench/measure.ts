import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../paths.ts";
import type { LoadRequest, LoadResult } from "./load.ts";
import type { Target } from "./targets.ts";

const run = promisify(execFile);

/** Loads a target from a process of its own. Rejects at the first wrong answer. */
export async function applyLoad(target: Target, load: Omit<LoadRequest, "url" | "tool">): Promise<LoadResult> {
  const request: LoadRequest = { url: target.url, tool: target.tool, ...load };
  const script = join(root, "e2e/dist/bench/load.js");
  const { stdout } = await run(process.execPath, [script, JSON.stringify(request)]).catch((error: unknown) => {
    throw new Error(`${target.name}: ${error instanceof Error ? error.message : String(error)}`);
  });
  return JSON.parse(stdout) as LoadResult;
}

export interface Plan {
  connections: readonly number[];
  rounds: number;
  warmUpMs: number;
  forMs: number;
}

/** Medians over the rounds, by target and then by number of connections. */
export type Measurements = ReadonlyMap<Target, ReadonlyMap<number, LoadResult>>;

/** Round after round through all targets, so that what disturbs the machine disturbs all alike. */
export async function measure(
  targets: readonly Target[],
  plan: Plan,
  say: (line: string) => void,
): Promise<Measurements> {
  const results = new Map(targets.map((target) => [target, new Map<number, LoadResult[]>()]));
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const connections of plan.connections) {
      say(`round ${round} of ${plan.rounds}, ${connections} connections`);
      for (const [target, byConnections] of results) {
        const { warmUpMs, forMs } = plan;
        const result = await applyLoad(target, { connections, warmUpMs, forMs, calls: Number.MAX_SAFE_INTEGER });
        byConnections.set(connections, [...(byConnections.get(connections) ?? []), result]);
      }
    }
  }
  return new Map([...results].map(([target, byConnections]) => [target, mediansOf(byConnections)]));
}

function mediansOf(rounds: ReadonlyMap<number, readonly LoadResult[]>): Map<number, LoadResult> {
  return new Map(
    [...rounds].map(([connections, results]) => [
      connections,
      {
        calls: results.reduce((sum, result) => sum + result.calls, 0),
        callsPerSecond: median(results.map((result) => result.callsPerSecond)),
        p50: median(results.map((result) => result.p50)),
        p99: median(results.map((result) => result.p99)),
      },
    ]),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
