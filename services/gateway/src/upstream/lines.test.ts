import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { splitLines } from "./lines.ts";

async function linesOf(chunks: readonly (string | Buffer)[], max = 1_000): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  splitLines(stream, max, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  await new Promise<void>((resolve) => stream.once("end", resolve).end());
  return lines;
}

test("lines come whole, however the stream is cut", async () => {
  expect(await linesOf(["a\nb", "b\n", "\nc", "c", "c\nd\n"])).toEqual(["a", "bb", "", "ccc", "d"]);
});

test("characters come whole, though their bytes are apart", async () => {
  const bytes = Buffer.from("é€😀\n");
  expect(await linesOf([...bytes].map((byte) => Buffer.from([byte])))).toEqual(["é€😀"]);
});

test("the last line may lack its end", async () => {
  expect(await linesOf(["a\nb"])).toEqual(["a", "b"]);
});

test("a line beyond the limit is dropped whole, and those after it are not", async () => {
  expect(await linesOf(["12345\n", "123456", "7890", "1\nok\n"], 5)).toEqual(["12345", "ok"]);
});
