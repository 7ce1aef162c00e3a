import { closeSync, mkdirSync, openSync, readdirSync, readSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../log.ts";

/** One file of the journal: `size` bytes from offset `start` of the whole. */
export interface Segment {
  start: number;
  size: number;
  path: string;
}

const SUFFIX = ".jsonl";
const DIGITS = 16;
const NEWLINE = 10;

/** File name of the segment that begins at the offset; names sort as offsets do. */
export function segmentName(start: number): string {
  return start.toString().padStart(DIGITS, "0") + SUFFIX;
}

/** The segments in a directory, oldest first; the directory is made, and a line that a crash tore off is cut away. */
export function listSegments(directory: string, log: Log): Segment[] {
  mkdirSync(directory, { recursive: true });
  const segments = readdirSync(directory)
    .filter((name) => name.endsWith(SUFFIX))
    .toSorted()
    .map((name) => toSegment(join(directory, name), Number.parseInt(name, 10)));
  const last = segments.at(-1);
  if (last) cutTornLine(last, log);
  return segments;
}

function toSegment(path: string, start: number): Segment {
  return { start, size: statSync(path).size, path };
}

function cutTornLine(segment: Segment, log: Log): void {
  const whole = endOfLastLine(segment);
  if (whole === segment.size) return;
  log.warn({ file: segment.path, bytes: segment.size - whole }, "cut a line that was never finished off the journal");
  truncateSync(segment.path, whole);
  segment.size = whole;
}

function endOfLastLine({ path, size }: Segment): number {
  const file = openSync(path, "r");
  try {
    for (let length = 65_536; ; length *= 4) {
      const from = Math.max(0, size - length);
      const tail = Buffer.alloc(size - from);
      readSync(file, tail, 0, tail.length, from);
      const newline = tail.lastIndexOf(NEWLINE);
      if (newline !== -1 || from === 0) return from + newline + 1;
    }
  } finally {
    closeSync(file);
  }
}
