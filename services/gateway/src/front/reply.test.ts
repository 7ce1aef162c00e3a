import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { exchange } from "../../test/client.ts";
import { Reply } from "./reply.ts";

/** An HTTP exchange whose answer is the test's to give. */
async function aReply() {
  const server = createServer();
  const arrived = new Promise<ServerResponse>((resolve) => server.once("request", (_, response) => resolve(response)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const answering = exchange(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { method: "POST" });
  const response = await arrived;
  return { reply: new Reply(response), response, answering };
}

test("a response alone is plain JSON, as the text it is", async () => {
  const { reply, answering } = await aReply();
  reply.end(`{"id":1, "result":"é😀"}`);
  const answer = await answering;
  await answer.ended;
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("content-length")).toBe("27");
  expect(answer.texts).toEqual([`{"id":1, "result":"é😀"}`]);
});

test("what comes before the response makes it a stream that nobody may buffer", async () => {
  const { reply, answering } = await aReply();
  expect(reply.send(`{"method":"a"}`)).toBe(true);
  const answer = await answering;
  expect(reply.send(`{"method":\n"b"}`)).toBe(true);
  reply.end(`{"id":1,\r\n"result":"\\n"}`);
  await answer.ended;
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  expect(answer.messages).toEqual([{ method: "a" }, { method: "b" }, { id: 1, result: "\n" }]);
});

test("an abandoned answer ends without a response", async () => {
  const { reply, answering } = await aReply();
  reply.abandon();
  const answer = await answering;
  expect(await answer.ended).toBeUndefined();
  expect(answer.status).toBe(200);
});

test.each([
  ["in JSON", false],
  ["as a stream", true],
])("after an answer %s nothing can be said", async (_how, streamed) => {
  const { reply, answering } = await aReply();
  if (streamed) reply.send(`{"method":"a"}`);
  reply.end(`{"id":1}`);
  expect(reply.send(`{"method":"late"}`)).toBe(false);
  const answer = await answering;
  expect(await answer.ended).toEqual({ id: 1 });
});

test("a client that has left is told nothing, and breaks nothing", async () => {
  const { reply, response, answering } = await aReply();
  reply.send(`{"method":"a"}`);
  const answer = await answering;
  const closed = new Promise((resolve) => response.once("close", resolve));
  answer.leave();
  await closed;
  reply.send(`{"method":"b"}`);
  reply.end(`{"id":1}`);
});
