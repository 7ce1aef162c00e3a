import { connect } from "node:net";
import { type Published, silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, describe, expect, test, vi } from "vitest";
import { aFollowedBus } from "../../test/a-followed-bus.ts";
import { aCatalogue, aCompleted, aConfigLoaded, aDecided, aDenied, START } from "../../test/builders.ts";
import { served } from "../../test/served.ts";
import { createGovernanceApi } from "./governance-api.ts";
import { createLive } from "./live.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function aLive(options: { heartbeatMs?: number; maxStreams?: number } = {}) {
  const followed = aFollowedBus();
  const live = createLive({ bus: followed.bus, ...options });
  const api = createGovernanceApi({ endpoints: live.routes, edits: "off", log: silentLog });
  const { url, close } = await served(api);
  closing.push(close);
  return { followed, live, url: `${url}/governance/live` };
}

/** A reader of a stream, past the line that opens it. */
async function reading(url: string) {
  const aborter = new AbortController();
  const response = await fetch(url, { signal: aborter.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const next = async (): Promise<string | undefined> => (await reader?.read())?.value;
  expect(await next()).toBe(": live\n\n");
  return { response, next, abort: () => aborter.abort() };
}

const subjectOf = (text: string | undefined) => /^event: (\S+)/.exec(text ?? "")?.[1];

test("shows an event as it happens, with its subject and id, and nothing of its payloads", async () => {
  const { followed, url } = await aLive();
  const { response, next } = await reading(url);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  const decided = aDecided({ inputs: { text: '{"password":"hunter2"}', size: 22, truncated: false } });
  followed.tell(decided);
  const text = (await next()) ?? "";
  expect(text).toMatch(new RegExp(`^event: governance.call.decided\nid: ${decided.event.id}\ndata: .*\n\n$`));
  expect(text).not.toContain("hunter2");
  const { inputs: _, ...rest } = decided.event;
  expect(JSON.parse(text.split("\ndata: ")[1] ?? "")).toEqual(rest);
});

test.each<[string, Published]>([
  ["outputs", aCompleted(aDecided(), { outputs: { text: '"a secret"', size: 10, truncated: false } })],
  ["the end of a long message", aCompleted(aDecided(), { errorMessage: `${"x".repeat(1_000)}a secret` })],
  ["definitions of tools", aCatalogue(START, "weather", ["a secret"])],
])("does not show %s", async (_what, event) => {
  if (event.subject === "governance.catalogue.changed") {
    for (const tool of event.event.tools) tool.name = "forecast";
    for (const tool of event.event.tools) Object.assign(tool, { publicName: "forecast", description: "" });
  }
  const { followed, url } = await aLive();
  const { next } = await reading(url);
  followed.tell(event);
  const text = await next();
  expect(subjectOf(text)).toBe(event.subject);
  expect(text).not.toContain("a secret");
});

describe("filters", () => {
  const events: Published[] = [
    aDecided({ server: "weather", principal: "ada" }),
    aDenied({ server: "files", principal: "ada" }),
    aCompleted(aDecided(), { server: "weather", principal: "eve" }),
    aConfigLoaded(START, ["weather"]),
  ];
  const last = aDecided({ server: "files", principal: "eve" });

  test.each([
    ["", ["decided", "decided", "completed", "loaded", "decided"]],
    ["?subject=governance.call.decided", ["decided", "decided", "decided"]],
    ["?subject=governance.config", ["loaded"]],
    ["?server_name=weather", ["decided", "completed"]],
    ["?principal=ada&server_name=files", ["decided"]],
    ["?principal=eve", ["completed", "decided"]],
  ])("%s", async (query, expected) => {
    const { followed, url } = await aLive();
    const { next } = await reading(url + query);
    followed.tell(...events, last);
    const seen: (string | undefined)[] = [];
    while (seen.length < expected.length) {
      const texts = ((await next()) ?? "").split("\n\n").filter((text) => text !== "");
      seen.push(...texts.map((text) => subjectOf(text)?.split(".").at(-1)));
    }
    expect(seen).toEqual(expected);
  });

  test("that can match nothing are refused", async () => {
    const { url } = await aLive();
    const refused = await fetch(`${url}?subject=governance.cal1`);
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: expect.stringContaining("subject") }]);
  });
});

test("gives signs of life", async () => {
  const { url } = await aLive({ heartbeatMs: 20 });
  const { next } = await reading(url);
  expect(await next()).toBe(":\n\n");
  expect(await next()).toBe(":\n\n");
});

test("follows the bus while somebody looks, and no longer", async () => {
  const { followed, url } = await aLive();
  expect(followed.followers).toBe(0);
  const [first, second] = [await reading(url), await reading(url)];
  expect(followed.followers).toBe(1);
  first.abort();
  second.abort();
  await vi.waitFor(() => expect(followed.followers).toBe(0));
});

test("takes so many readers and no more, and another when one has left", async () => {
  const { url } = await aLive({ maxStreams: 2 });
  const first = await reading(url);
  await reading(url);
  const refused = await fetch(url);
  expect([refused.status, await refused.json()]).toMatchObject([503, { code: "stream.full" }]);
  first.abort();
  await vi.waitFor(async () => expect((await fetch(url, { method: "HEAD" })).status).toBe(200));
  await reading(url);
});

test("a request for the head alone opens no stream", async () => {
  const { followed, url } = await aLive();
  expect((await fetch(url, { method: "HEAD" })).headers.get("content-type")).toBe("text/event-stream");
  expect(followed.followers).toBe(0);
});

test("cuts a reader off that does not read, and nobody else", async () => {
  const { followed, url } = await aLive();
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()).on("error", () => undefined));
  socket.pause().write(`GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  await vi.waitFor(() => expect(followed.followers).toBe(1));
  const { next } = await reading(`${url}?subject=governance.config`);

  const large = aConfigLoaded(
    START,
    Array.from({ length: 2_000 }, (_none, index) => `server-${index}`),
  );
  const event = aDecided({ target: "x".repeat(1_000), sessionId: "y".repeat(1_000) });
  const bytes = JSON.stringify(event).length;
  // Sockets and streams hold some megabytes on the way; many times as much goes nowhere.
  for (let sent = 0; sent < 64 * 1_048_576; sent += bytes * 500) {
    for (let times = 0; times < 500; times++) followed.tell(event);
    await new Promise((resolve) => setImmediate(resolve));
  }
  followed.tell(large);
  expect(subjectOf(await next())).toBe("governance.config.loaded");
  socket.resume();
  await closed;
});

test("ends all streams when it is closed", async () => {
  const { live, followed, url } = await aLive();
  const { next } = await reading(url);
  await live.close();
  expect(await next()).toBeUndefined();
  expect(followed.followers).toBe(0);
});
