import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Calls `onLine` for each line of a UTF-8 stream. A line longer than `max` characters is dropped whole. */
export function splitLines(stream: Readable, max: number, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;

  const add = (part: string): void => {
    length += part.length;
    if (length <= max) parts.push(part);
    else parts = [];
  };
  const finish = (): void => {
    if (length <= max) onLine(parts.length === 1 ? (parts[0] ?? "") : parts.join(""));
    parts = [];
    length = 0;
  };

  stream.on("data", (chunk: Buffer) => {
    const text = decoder.write(chunk);
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      add(text.slice(from, end));
      finish();
      from = end + 1;
    }
    if (from < text.length) add(text.slice(from));
  });
  stream.on("end", () => {
    if (length > 0) finish();
  });
  stream.on("error", () => {});
}
