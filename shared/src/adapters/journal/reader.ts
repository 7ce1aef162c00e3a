import type { Batch } from "../../event-bus.ts";
import { parseLine, toBatch } from "../parse-event.ts";
import type { Segments } from "./segments.ts";

const CHUNK_BYTES = 2 ** 20;
const NEWLINE = 10;

/** Up to `max` lines from an offset on, and the offset behind them. */
export async function readBatch(
  segments: Segments,
  offset: number,
  max: number,
): Promise<{ batch: Batch; next: number }> {
  for (let length = CHUNK_BYTES; ; length *= 4) {
    const chunk = await segments.read(offset, length);
    const { lines, bytes } = takeLines(chunk.data, max);
    // Without a whole line, either the chunk is too short for one or the segment ends without its newline.
    if (bytes > 0) return { batch: toBatch(lines.map(parseLine)), next: chunk.offset + bytes };
    if (chunk.data.length < length) return { batch: toBatch([]), next: chunk.offset + chunk.data.length };
  }
}

function takeLines(data: Buffer, max: number): { lines: string[]; bytes: number } {
  const lines: string[] = [];
  let bytes = 0;
  while (lines.length < max) {
    const end = data.indexOf(NEWLINE, bytes);
    if (end === -1) break;
    lines.push(data.toString("utf8", bytes, end));
    bytes = end + 1;
  }
  return { lines, bytes };
}
