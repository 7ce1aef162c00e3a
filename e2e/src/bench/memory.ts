import { setTimeout as sleep } from "node:timers/promises";
import { memoryOf } from "../system/process-tree.ts";
import { applyLoad } from "./measure.ts";
import type { Target } from "./targets.ts";

/** MiB of a target's processes before, during and after many calls. */
export interface MemoryCourse {
  target: Target;
  calls: number;
  before: number;
  /** After each tenth of the calls. */
  tenths: readonly number[];
  /** Some seconds after the last call. */
  idle: number;
}

const SETTLE_MS = 5_000;

/** Makes the calls in ten portions over 16 connections and looks at the memory after each. */
export async function watchMemory(target: Target, calls: number): Promise<MemoryCourse> {
  const before = await memoryOf(target.pids);
  const tenths: number[] = [];
  for (let portion = 0; portion < 10; portion += 1) {
    await applyLoad(target, { connections: 16, warmUpMs: 0, forMs: 600_000, calls: calls / 10 });
    tenths.push(await memoryOf(target.pids));
  }
  await sleep(SETTLE_MS);
  return { target, calls, before, tenths, idle: await memoryOf(target.pids) };
}
