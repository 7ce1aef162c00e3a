import type { Entry } from "./entry.ts";
import type { Segments } from "./segments.ts";

/** How many lines lie between a consumer and the end of the journal. */
export interface LineCount {
  /** These were just appended. */
  added(entries: readonly Entry[]): void;
  /** The consumer is done with so many lines and goes on at the offset. */
  taken(lines: number, next: number): void;
  /** Reads the files for what it was not told of, each byte once at most. */
  total(): Promise<number>;
}

const CHUNK_BYTES = 2 ** 20;
const NEWLINE = 10;

export function createLineCount(segments: Segments, from: number): LineCount {
  let lines = 0;
  /** Everything from the consumer's offset up to here is counted. */
  let counted = from;

  async function countChunk(): Promise<void> {
    const start = counted;
    const chunk = await segments.read(start, CHUNK_BYTES);
    // The consumer may have passed it meanwhile, or another may have counted it.
    if (counted !== start) return;
    counted = chunk.data.length === 0 ? segments.end : chunk.offset + chunk.data.length;
    lines += newlinesIn(chunk.data);
  }

  return {
    added(entries) {
      const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
      if (counted + bytes !== segments.end) return;
      counted += bytes;
      lines += entries.length;
    },
    taken(gone, next) {
      lines = counted < next ? 0 : lines - gone;
      counted = Math.max(counted, next);
    },
    async total() {
      while (counted < segments.end) await countChunk();
      return lines;
    },
  };
}

function newlinesIn(data: Buffer): number {
  let count = 0;
  for (let at = data.indexOf(NEWLINE); at !== -1; at = data.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
