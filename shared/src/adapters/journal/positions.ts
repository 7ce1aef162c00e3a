import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../log.ts";

/** How far each durable consumer has come: offsets in the journal, one small file each. */
export interface Positions {
  get(durable: string): number | undefined;
  /** Survives the death of the process once it returns; where the disk takes nothing, only this process knows. */
  set(durable: string, offset: number): void;
  /** Everything before it was handled by all durables; 0 while there are none. */
  readonly lowest: number;
}

const SUFFIX = ".position";

export function openPositions(directory: string, log: Log): Positions {
  const offsets = new Map<string, number>();
  for (const name of readdirSync(directory)) {
    if (!name.endsWith(SUFFIX)) continue;
    const offset = Number(readFileSync(join(directory, name), "utf8").trim() || Number.NaN);
    offsets.set(name.slice(0, -SUFFIX.length), Number.isSafeInteger(offset) ? offset : 0);
    if (Number.isNaN(offset)) log.warn({ file: name }, "a position is unreadable: facts that were handled come again");
  }

  return {
    get: (durable) => offsets.get(durable),
    set(durable, offset) {
      offsets.set(durable, offset);
      const path = join(directory, durable + SUFFIX);
      try {
        writeFileSync(`${path}.new`, String(offset));
        renameSync(`${path}.new`, path);
      } catch (error) {
        log.warn(
          { err: error, durable },
          "could not write a position: facts that were handled come again after a restart",
        );
      }
    },
    get lowest() {
      return offsets.size === 0 ? 0 : Math.min(...offsets.values());
    },
  };
}
