import { request } from "node:http";
import { Registry } from "prom-client";
import { afterEach, expect, test } from "vitest";
import { serveHealth } from "./health.ts";

type Options = Partial<Parameters<typeof serveHealth>[0]>;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(options: Options = {}) {
  const served = await serveHealth({ checks: {}, registry: new Registry(), host: "127.0.0.1", port: 0, ...options });
  closing.push(served.close);
  return { ...served, url: `http://127.0.0.1:${served.port}` };
}

async function ask(url: string) {
  const response = await fetch(url);
  return { status: response.status, body: (await response.json()) as unknown };
}

test("lives, whatever it is asked besides", async () => {
  const { url } = await serve();
  expect(await ask(`${url}/healthz?verbose=1`)).toEqual({ status: 200, body: { status: "ok" } });
});

test("is ready when every check passes, and says which one does not", async () => {
  const checks = { nats: async () => {}, redis: () => Promise.reject(new Error("no server")) };
  const { url } = await serve({ checks, details: () => ({ sessions: 3 }) });
  expect(await ask(`${url}/readyz`)).toEqual({
    status: 503,
    body: { status: "not ready", checks: { nats: "ok", redis: "no server" }, sessions: 3 },
  });
  const healthy = await serve({ checks: { nats: checks.nats } });
  expect(await ask(`${healthy.url}/readyz`)).toMatchObject({ status: 200, body: { status: "ready" } });
});

test("knows no other path, unless somebody answers it", async () => {
  const { url } = await serve();
  expect(await ask(`${url}/governance/tool-logs`)).toEqual({ status: 404, body: { error: "no such path" } });
  const shared = await serve({ otherwise: (incoming, response) => void response.end(JSON.stringify(incoming.url)) });
  expect(await ask(`${shared.url}/governance/tool-logs?limit=1`)).toEqual({
    status: 200,
    body: "/governance/tool-logs?limit=1",
  });
});

test("a port that is taken is refused", async () => {
  const { port } = await serve();
  await expect(serve({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("closes after the answers under way, and takes no more", async () => {
  const finish: (() => void)[] = [];
  const { url, close } = await serve({ otherwise: (_request, response) => void finish.push(() => response.end("1")) });
  const asked = ask(`${url}/slow`);
  await expect.poll(() => finish.length).toBe(1);
  const closed = close();
  finish[0]?.();
  expect((await asked).body).toBe(1);
  await closed;
  await expect(fetch(url)).rejects.toThrow();
});

test("does not wait for ever for an answer that never comes", async () => {
  const { port, close } = await serve({ otherwise: () => undefined });
  const given = new Promise((resolve) => {
    const asking = request({ port, host: "127.0.0.1", path: "/never" }).on("error", resolve);
    asking.end();
  });
  await expect.poll(async () => (await ask(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  await close();
  expect(await given).toBeInstanceOf(Error);
});
