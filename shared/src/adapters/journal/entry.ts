import type { Published } from "../../events.ts";
import { lineOf } from "../parse-event.ts";

/** An event that is in the journal, and the bytes of its line there. */
export interface Entry {
  published: Published;
  bytes: number;
}

/** An event and its line, newline included. */
export interface Line {
  published: Published;
  text: string;
}

/** The event as it is at this moment; later changes of the object do not reach the journal. */
export function toLine(published: Published): Line {
  return { published, text: `${lineOf(published.subject, JSON.stringify(published.event))}\n` };
}

/** The bytes of all lines, and what each of them took. */
export function encodeLines(lines: readonly Line[]): { data: Uint8Array; entries: Entry[] } {
  const characters = lines.reduce((sum, { text }) => sum + text.length, 0);
  const data = Buffer.allocUnsafe(characters * MAX_BYTES_PER_CHARACTER);
  let end = 0;
  const entries = lines.map(({ published, text }) => {
    const bytes = data.write(text, end);
    end += bytes;
    return { published, bytes };
  });
  return { data: data.subarray(0, end), entries };
}

// UTF-8 of one UTF-16 code unit.
const MAX_BYTES_PER_CHARACTER = 3;
