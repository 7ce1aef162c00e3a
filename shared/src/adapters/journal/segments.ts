import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, unlinkSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Log } from "../../log.ts";
import { listSegments, type Segment, segmentName } from "./files.ts";

export interface SegmentsOptions {
  directory: string;
  log: Log;
  /** A segment that has reached this size is followed by a new one. */
  segmentBytes: number;
}

/**
 * Files of whole lines, named by the offset of their first byte in the journal as a whole.
 * Offsets never repeat, so one number says how far a consumer has come.
 */
export interface Segments {
  /** Offset of the first line still kept. */
  readonly start: number;
  /** Offset behind the last line. */
  readonly end: number;
  /** Writes whole lines at the end, before it returns; throws and leaves nothing behind when the disk takes less. */
  append(lines: Uint8Array): void;
  /** Resolves when what was appended survives a loss of power. */
  flush(): Promise<void>;
  flushNow(): void;
  /** Up to `length` bytes from `offset` on, and the offset they really begin at. */
  read(offset: number, length: number): Promise<{ offset: number; data: Buffer }>;
  /** Deletes the segments that lie wholly before the offset, except the one being written. */
  dropBefore(offset: number): void;
  close(): void;
}

const datasync = promisify(fdatasync);

export function openSegments({ directory, log, segmentBytes }: SegmentsOptions): Segments {
  const segments = listSegments(directory, log);
  let active = segments.at(-1) ?? addSegment(0);
  let file = openSync(active.path, "a");

  function addSegment(start: number): Segment {
    const segment = { start, size: 0, path: join(directory, segmentName(start)) };
    segments.push(segment);
    return segment;
  }

  function rotate(): void {
    const next = active.start + active.size;
    const nextFile = openSync(join(directory, segmentName(next)), "a");
    retire(file, log);
    file = nextFile;
    active = addSegment(next);
  }

  function append(lines: Uint8Array): void {
    if (active.size >= segmentBytes) rotate();
    try {
      for (let written = 0; written < lines.length; ) written += writeSync(file, lines, written);
    } catch (error) {
      // A torn line in the middle would spoil the next good one.
      ftruncateSync(file, active.size);
      throw error;
    }
    active.size += lines.length;
  }

  return {
    get start() {
      return (segments[0] ?? active).start;
    },
    get end() {
      return active.start + active.size;
    },
    append,
    flush: () => datasync(file),
    flushNow: () => fdatasyncSync(file),
    async read(offset, length) {
      const segment = segmentAt(segments, offset) ?? active;
      const from = Math.max(offset, segment.start);
      return { offset: from, data: await readRange(segment, from - segment.start, length) };
    },
    dropBefore(offset) {
      while (segments[0] && segments[0] !== active && segments[0].start + segments[0].size <= offset) {
        unlinkSync(segments[0].path);
        segments.shift();
      }
    },
    close() {
      fdatasyncSync(file);
      closeSync(file);
    },
  };
}

/** The segment that holds the offset, or the next one where that has no more. */
function segmentAt(segments: readonly Segment[], offset: number): Segment | undefined {
  return segments.find(({ start, size }) => offset < start + size) ?? segments.at(-1);
}

/** Flushes and closes behind the flushes that are under way; the caller does not wait for the disk. */
function retire(file: number, log: Log): void {
  fdatasync(file, (error) => {
    if (error) log.error({ err: error }, "a segment of the journal could not be flushed");
    closeSync(file);
  });
}

async function readRange({ path, size }: Segment, position: number, length: number): Promise<Buffer> {
  const handle = await open(path);
  try {
    const data = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - position)));
    const { bytesRead } = await handle.read(data, 0, data.length, position);
    return data.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
