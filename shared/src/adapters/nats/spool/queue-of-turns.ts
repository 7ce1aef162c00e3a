import { createSleeper } from "../../sleeper.ts";

/** Many may wait for the same moment, but not for ever. */
export interface QueueOfTurns {
  wait(): Promise<void>;
  release(): void;
}

export function createQueueOfTurns(longestMs: number): QueueOfTurns {
  const sleeper = createSleeper();
  let waiting: Promise<void> | undefined;

  return {
    wait() {
      waiting ??= sleeper.sleep(longestMs);
      return waiting;
    },
    release() {
      waiting = undefined;
      sleeper.wake();
    },
  };
}
