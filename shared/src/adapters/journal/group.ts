import { unavailable } from "../unavailable.ts";
import type { Line } from "./entry.ts";

/** The lines of one turn of the event loop; whoever published one waits for all of them. */
export interface Group {
  readonly lines: Line[];
  readonly settled: Promise<void>;
  /** Resolves, or rejects with `audit.unavailable` where there is a problem. */
  settle(problem: string | undefined): void;
}

export function createGroup(): Group {
  let settle: Group["settle"] = () => undefined;
  const settled = new Promise<void>((resolve, reject) => {
    settle = (problem) => (problem === undefined ? resolve() : reject(unavailable(problem)));
  });
  return { lines: [], settled, settle };
}
