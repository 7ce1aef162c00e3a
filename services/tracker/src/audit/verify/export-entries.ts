import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { lastCells } from "./csv-cells.ts";

const PIECE_BYTES = 1_048_576;

/** JSON texts of all that an export holds, in the order of the file: header, records, blocks, checkpoints. */
export async function* exportEntries(file: string): AsyncGenerator<string, void, undefined> {
  const stream = createReadStream(file, { encoding: "utf8", highWaterMark: PIECE_BYTES });
  try {
    if (extname(file) === ".csv") yield* cells(lastCells(stream));
    else yield* lines(createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }));
  } finally {
    stream.destroy();
  }
}

async function* cells(rows: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let isHead = true;
  for await (const cell of rows) {
    if (!isHead) yield cell;
    isHead = false;
  }
}

const HEAD = /^\{"export":(\{.*\}),"records":\[$/;
/** What stands between the parts of an export as one JSON document. */
const BETWEEN = new Set(["", '],"chain":{"blocks":[', '],"checkpoints":[', "]}}"]);

/** One on each line, also where they are elements of lists. */
async function* lines(all: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  for await (const line of all) {
    const head = HEAD.exec(line)?.[1];
    if (head !== undefined) yield head;
    else if (!BETWEEN.has(line)) yield line.endsWith(",") ? line.slice(0, -1) : line;
  }
}
