import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aReceiver, type Receiver } from "../../../test/a-receiver.ts";
import { createSend } from "./send.ts";

let receiver: Receiver;
beforeAll(async () => {
  receiver = await aReceiver();
});
afterAll(() => receiver.close());

const message = { id: "m-1", body: '{"type":"test","data":{"text":"ü"}}', at: new Date() };
const never = new AbortController().signal;
const sendTo = (url: string, options = {}) => createSend(options)({ ...receiver.webhook, url }, message, never);

test("what is delivered is signed as the receiver reckons", async () => {
  expect(await sendTo(receiver.webhook.url)).toEqual({ status: 204, error: null });
  expect(receiver.received).toMatchObject([{ id: "m-1", isSigned: true, message: { type: "test" } }]);
});

test.each([
  [500, {}, { status: 500, error: "answered 500" }],
  [404, {}, { status: 404, error: "answered 404" }],
  [410, {}, { status: 410, error: "answered 410", isFinal: true }],
  [429, { "retry-after": "120" }, { status: 429, error: "answered 429", retryAfterMs: 120_000 }],
  [503, { "retry-after": "soon" }, { status: 503, error: "answered 503" }],
  [500, { "retry-after": "120" }, { status: 500, error: "answered 500" }],
])("an answer of %i with %j", async (status, headers, expected) => {
  receiver.answer = { status, headers };
  expect(await sendTo(receiver.webhook.url)).toEqual(expected);
});

test("a date says when to try again too", async () => {
  receiver.answer = { status: 503, headers: { "retry-after": new Date(Date.now() + 60_000).toUTCString() } };
  const { retryAfterMs = 0 } = await sendTo(receiver.webhook.url);
  expect(retryAfterMs).toBeGreaterThan(50_000);
  expect(retryAfterMs).toBeLessThanOrEqual(60_000);
});

test("a redirect is no delivery, and nobody follows it", async () => {
  const before = receiver.received.length;
  receiver.answer = { status: 307, headers: { location: receiver.webhook.url } };
  expect(await sendTo(receiver.webhook.url)).toEqual({
    status: 307,
    error: "answered 307: redirects are not followed",
  });
  expect(receiver.received.length - before).toBe(1);
});

test("errors say nothing of the address, which may be a secret", async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  expect(await sendTo(`http://127.0.0.1:${port}/services/T0P/S3CRET`)).toEqual({
    status: null,
    error: "not reached: ECONNREFUSED",
  });
  expect(await sendTo("http://me:S3CRET@127.0.0.1/")).toEqual({ status: null, error: "not reached" });
});

test("one who does not answer is not waited for, and who stops the process waits for nobody", async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  expect(await sendTo(url, { timeoutMs: 100 })).toEqual({ status: null, error: "no answer within 100 ms" });
  const stopping = new AbortController();
  const sent = createSend()({ ...receiver.webhook, url }, message, stopping.signal);
  stopping.abort(new Error("stopping"));
  await expect(sent).rejects.toThrow("stopping");
  silent.closeAllConnections();
  silent.close();
});
