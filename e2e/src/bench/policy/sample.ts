import { createHistogram } from "node:perf_hooks";

/** Decisions per second, and microseconds of the median and of one in a hundred. */
export interface Sample {
  decisionsPerSecond: number;
  p50: number;
  p99: number;
}

export interface SampleOptions {
  /** Decisions under way at once. */
  concurrency: number;
  warmUpMs: number;
  forMs: number;
}

/** Decides over and over; rejects at the first decision that is no permit. */
export async function sample(decide: () => Promise<string>, options: SampleOptions): Promise<Sample> {
  const { concurrency, warmUpMs, forMs } = options;
  const histogram = createHistogram({ lowest: 1, highest: 60_000_000_000, figures: 4 });
  const measureFrom = performance.now() + warmUpMs;
  const end = measureFrom + forMs;
  let measured = 0;

  const asker = async (): Promise<void> => {
    for (let begun = performance.now(); begun < end; ) {
      const effect = await decide();
      if (effect !== "permit") throw new Error(`the benchmark's call was answered with ${effect}`);
      const done = performance.now();
      if (begun >= measureFrom) {
        measured += 1;
        histogram.record(Math.max(1, Math.round((done - begun) * 1_000_000)));
      }
      begun = done;
    }
  };

  await Promise.all(Array.from({ length: concurrency }, asker));
  return {
    decisionsPerSecond: measured / ((performance.now() - measureFrom) / 1_000),
    p50: histogram.percentile(50) / 1_000,
    p99: histogram.percentile(99) / 1_000,
  };
}
