import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { until } from "../../test/until.ts";
import { EventStream } from "./event-stream.ts";

/** A stream to a client that reads its socket as the test says. */
async function aStream({ leaving = false } = {}) {
  const server = createServer();
  const arrived = new Promise<ServerResponse>((resolve) => server.once("request", (_, response) => resolve(response)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket: Socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => {
    socket.destroy();
    server.close().closeAllConnections();
  });
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  const response = await arrived;
  if (leaving) socket.destroy();
  await until(() => response.closed === leaving);
  return { socket, response, stream: new EventStream(response), heard: () => heard };
}

afterEach(() => void vi.useRealTimers());

test("a silent stream is kept alive by comments until it ends", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const { stream, heard } = await aStream();
  vi.advanceTimersByTime(15_000);
  await until(() => heard().includes(": keep-alive\n\n"));
  stream.end();
  vi.advanceTimersByTime(60_000);
  await until(() => heard().endsWith("0\r\n\r\n"));
  expect(vi.getTimerCount()).toBe(0);
});

test("the beat ends with the client", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const { socket } = await aStream();
  socket.destroy();
  await until(() => vi.getTimerCount() === 0);
});

test("the beat never begins for a client that has left already", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const { stream } = await aStream({ leaving: true });
  stream.send("{}");
  expect(vi.getTimerCount()).toBe(0);
});

test("a client that reads nothing is cut off before it fills the memory", async () => {
  const { socket, response, stream } = await aStream();
  socket.pause();
  const message = `"${"x".repeat(1024 * 1024)}"`;
  for (let sent = 0; sent < 64 && !response.destroyed; sent += 1) {
    stream.send(message);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(response.destroyed).toBe(true);
  stream.send(message);
});
