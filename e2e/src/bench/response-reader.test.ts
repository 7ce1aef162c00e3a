import { expect, test } from "vitest";
import { createResponseReader, type HttpAnswer } from "./response-reader.ts";

const plain = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}`;
const chunked = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndata\r\n6\r\n: {}\n\n\r\n0\r\n\r\n`;
const empty = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

/** What a reader makes of these bytes when they come in pieces of this size. */
function read(bytes: string, size: number): HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  const reader = createResponseReader((answer) => answers.push(answer));
  for (let at = 0; at < bytes.length; at += size) reader(Buffer.from(bytes.slice(at, at + size)));
  return answers;
}

test.each([1, 3, 17, 1_000])("reads answers of every kind in pieces of %i bytes", (size) => {
  const bodies = [plain, chunked, empty, plain].map((bytes) => read(bytes, size)[0]);
  expect(bodies.map((answer) => answer?.status)).toEqual([200, 200, 202, 200]);
  expect(bodies.map((answer) => answer?.body)).toEqual([`{"a":1}`, "data: {}\n\n", "", `{"a":1}`]);
});

test("finds headers whatever their case", () => {
  expect(read(plain, 100)[0]?.header("content-type")).toBe("application/json");
  expect(read(plain, 100)[0]?.header("mcp-session-id")).toBeUndefined();
});
