import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { Registry } from "prom-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { anEvent, SUBJECT } from "../../../../test/an-event.ts";
import { silentLog } from "../../../log.ts";
import { unavailable } from "../../unavailable.ts";
import { createPacker, unpack } from "../packer.ts";
import type { Message } from "../publisher.ts";
import { openSpool, type Spool, type SpoolOptions } from "./spool.ts";

let directory: string;
const opened: Spool[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "spool-"));
});
afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close();
  rmSync(directory, { recursive: true });
});

/** A JetStream that can be away, and forgets nothing. */
function aServer() {
  const messageIds = new Set<string>();
  const server = {
    up: true,
    ackMs: 0,
    tries: 0,
    kept: [] as string[],
    dead: [] as string[],
    async send(message: Message): Promise<void> {
      server.tries += 1;
      if (!server.up) throw unavailable("NATS is not connected");
      if (!messageIds.has(message.id)) store(message);
      messageIds.add(message.id);
      await delay(server.ackMs);
      if (!server.up) throw unavailable("no acknowledgement");
    },
  };
  function store({ subject, payload }: Message): void {
    for (const fact of unpack(subject, payload)) {
      if ("event" in fact) server.kept.push(fact.event.id);
      else server.dead.push(fact.payload);
    }
  }
  return server;
}
type Server = ReturnType<typeof aServer>;

async function open(server: Server, options: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await openSpool({
    directory,
    maxBytes: 10_000_000,
    leaseMs: 2_000,
    lookMs: 100,
    log: silentLog,
    send: createPacker(server.send),
    sendPack: server.send,
    wireBytes: () => 100_000,
    ...options,
  });
  opened.push(spool);
  return spool;
}

function aMessage(text = "x"): Message {
  const event = anEvent({ reason: text });
  return { subject: SUBJECT, id: event.id, payload: JSON.stringify(event) };
}
const folders = () => readdirSync(directory).filter((name) => !name.endsWith(".lock"));
const idsOf = (messages: readonly Message[]) => messages.map(({ id }) => id);
/** In order of their first coming, since an acknowledgement that was lost brings an event again. */
const firsts = (ids: readonly string[]) => [...new Set(ids)];

test("while NATS takes all, nothing is written", async () => {
  const server = aServer();
  const spool = await open(server);
  const messages = Array.from({ length: 100 }, () => aMessage());
  await Promise.all(messages.map(spool.send));
  expect(server.kept).toEqual(idsOf(messages));
  expect(folders()).toEqual([]);
});

test("what NATS does not take is kept at once, and delivered in order when it is back", async () => {
  const server = aServer();
  const spool = await open(server);
  server.up = false;
  const messages = Array.from({ length: 3_000 }, () => aMessage());
  for (const message of messages) await spool.send(message);
  expect(server.tries).toBeLessThan(100);
  expect(folders()).toHaveLength(1);
  server.up = true;
  await vi.waitFor(() => expect(server.kept).toEqual(idsOf(messages)), 8_000);
  await vi.waitFor(() => expect(folders()).toEqual([]), 5_000);
});

test("an event is delivered as it was, whatever is in it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "binary", maxLength: 300 }), { minLength: 1, maxLength: 30 }),
      async (texts) => {
        const server = aServer();
        const payloads: string[] = [];
        const taken = async (message: Message) => {
          await server.send(message);
          for (const fact of unpack(message.subject, message.payload))
            payloads.push(JSON.stringify("event" in fact && fact.event));
        };
        const spool = await open(server, { send: createPacker(taken), sendPack: taken });
        server.up = false;
        const messages = texts.map(aMessage);
        for (const message of messages) await spool.send(message);
        server.up = true;
        await vi.waitFor(() => expect(payloads).toEqual(messages.map(({ payload }) => payload)), 5_000);
      },
    ),
    { numRuns: 15 },
  );
}, 30_000);

test("publishers keep their order while NATS comes and goes under load, and nothing is missing", async () => {
  const server = aServer();
  server.ackMs = 3;
  const spool = await open(server, { maxBytes: 500_000_000 });
  const sent: string[][] = [];
  let stop = false;
  const publishers = Array.from({ length: 8 }, async () => {
    const own: string[] = [];
    sent.push(own);
    while (!stop) {
      const message = aMessage();
      await spool.send(message);
      own.push(message.id);
    }
  });
  for (let outage = 0; outage < 5; outage += 1) {
    await delay(60);
    server.up = false;
    await delay(60);
    server.up = true;
  }
  // It gets back to the direct way although nobody stops publishing.
  await vi.waitFor(() => expect(folders()).toEqual([]), 15_000);
  stop = true;
  await Promise.all(publishers);
  const kept = firsts(server.kept);
  for (const own of sent) {
    const mine = new Set(own);
    expect(kept.filter((id) => mine.has(id))).toEqual(own);
  }
}, 20_000);

test("a full spool refuses, names itself, and takes again when it is delivered", async () => {
  const server = aServer();
  const registry = new Registry();
  const spool = await open(server, { maxBytes: 20_000, registry });
  server.up = false;
  const kept: string[] = [];
  while (spool.accepting) {
    const message = aMessage();
    await spool.send(message);
    kept.push(message.id);
  }
  const refusal = { code: "audit.unavailable", message: "the gateway's spool holds its limit of 20000 bytes" };
  await expect(spool.send(aMessage())).rejects.toMatchObject(refusal);
  const metrics = await registry.metrics();
  expect(metrics).toContain(`spool_events_total ${kept.length}`);
  expect(metrics).toContain("spool_refused_total 1");
  expect(Number(/^spool_bytes (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(19_999);

  server.up = true;
  await vi.waitFor(() => expect(spool.accepting).toBe(true), 5_000);
  await spool.send(aMessage());
  await vi.waitFor(() => expect(firsts(server.kept)).toHaveLength(kept.length + 1), 5_000);
  await vi.waitFor(async () => expect(await registry.metrics()).toContain("spool_bytes 0"), 5_000);
});

test("what is left when it closes is delivered by the next, whole lines alone", async () => {
  const away = aServer();
  away.up = false;
  const first = await open(away);
  const messages = Array.from({ length: 20 }, () => aMessage());
  for (const message of messages) await first.send(message);
  await first.close();
  const [left] = folders();
  const files = readdirSync(join(directory, left!)).filter((name) => name.endsWith(".jsonl"));
  appendFileSync(join(directory, left!, files.at(-1)!), '{"s":"governance.upstream.changed","e":{"id":"to');

  const server = aServer();
  await open(server);
  await vi.waitFor(() => expect(server.kept).toEqual(idsOf(messages)), 5_000);
  await vi.waitFor(() => expect(folders()).toEqual([]), 5_000);
  expect(server.dead).toEqual([]);
});

test("a line in the middle that is no event is handed on, and holds up nobody", async () => {
  const server = aServer();
  const messages = [aMessage(), aMessage()];
  const [first, second] = messages.map(({ subject, payload }) => `{"s":"${subject}","e":${payload}}\n`);
  mkdirSync(join(directory, "dead.0"));
  writeFileSync(join(directory, "dead.0", "0000000000000000.jsonl"), `${first}\u0000\u0000garbage\n${second}`);
  await open(server);
  await vi.waitFor(() => expect(server.kept).toEqual(idsOf(messages)), 5_000);
  await vi.waitFor(() => expect(folders()).toEqual([]), 5_000);
  expect(server.dead).toEqual(["\u0000\u0000garbage"]);
});

test("of those who would take over a folder one does, and a folder of the living stays theirs", async () => {
  const away = aServer();
  away.up = false;
  const living = await open(away);
  await living.send(aMessage());
  const [own] = folders();

  const dead = await open(away);
  const message = aMessage();
  await dead.send(message);
  await dead.close();
  const server = aServer();
  await Promise.all(Array.from({ length: 5 }, () => open(server)));
  await vi.waitFor(() => expect(folders()).toEqual([own]), 5_000);
  // Longer than the lease: it is renewed.
  await delay(3_000);
  expect(folders()).toEqual([own]);
  expect(server.kept).toEqual([message.id]);
});

test("a process that only seemed dead writes nothing more where another reads", async () => {
  const server = aServer();
  const spool = await open(server);
  server.up = false;
  const before = Array.from({ length: 10 }, () => aMessage());
  for (const message of before) await spool.send(message);
  const [own] = folders();
  // As another process does that takes it over.
  renameSync(join(directory, own!), join(directory, "other.0"));
  const after = Array.from({ length: 10 }, () => aMessage());
  await Promise.all(after.map(spool.send));
  expect(existsSync(join(directory, own!))).toBe(false);
  server.up = true;
  const all = [...before, ...after].map(({ id }) => id).toSorted();
  await vi.waitFor(() => expect(firsts(server.kept).toSorted()).toEqual(all), 8_000);
  await vi.waitFor(() => expect(folders()).toEqual([]), 5_000);
});
