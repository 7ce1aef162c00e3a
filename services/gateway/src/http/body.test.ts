import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { readBody } from "./body.ts";

/** Sends this raw request and resolves with what came of its body: the text, or the failure's code. */
async function bodyOf(raw: string | Buffer, { breakOff = false } = {}): Promise<string> {
  let settle: (outcome: string) => void = () => {};
  const outcome = new Promise<string>((resolve) => {
    settle = resolve;
  });
  const server = createServer((request, response) => {
    readBody(request)
      .then(settle, (error: { code: string }) => settle(error.code))
      .finally(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("POST / HTTP/1.1\r\nhost: x\r\n");
  socket.write(raw);
  if (breakOff) setTimeout(() => socket.destroy(), 20);
  return outcome;
}

const chunked = (bytes: number) =>
  `transfer-encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n0\r\n\r\n`;

test("a body comes as text, however it is cut", async () => {
  const bytes = Buffer.from("é😀");
  const cut = (from: number, to: number) =>
    Buffer.concat([Buffer.from(`${to - from}\r\n`), bytes.subarray(from, to), Buffer.from("\r\n")]);
  const head = Buffer.from("transfer-encoding: chunked\r\n\r\n");
  expect(await bodyOf(Buffer.concat([head, cut(0, 1), cut(1, 4), cut(4, 6), Buffer.from("0\r\n\r\n")]))).toBe("é😀");
  expect(await bodyOf("content-length: 0\r\n\r\n")).toBe("");
});

test("a body that is too large is refused by its announcement, or as it comes", async () => {
  expect(await bodyOf("content-length: 5000000\r\n\r\n")).toBe("message.too_large");
  expect(await bodyOf(chunked(4 * 1024 * 1024 + 1))).toBe("message.too_large");
  expect(await bodyOf(chunked(4 * 1024 * 1024))).toHaveLength(4 * 1024 * 1024);
});

test("a body that is no UTF-8 or breaks off is refused", async () => {
  expect(await bodyOf(Buffer.from("content-length: 1\r\n\r\n\xff", "latin1"))).toBe("message.unparsable");
  expect(await bodyOf("content-length: 9\r\n\r\nhalf", { breakOff: true })).toBe("message.unparsable");
});
