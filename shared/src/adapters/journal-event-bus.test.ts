import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { anEvent, SUBJECT } from "../../test/an-event.ts";
import type { Batch, EventBus } from "../event-bus.ts";
import { silentLog } from "../log.ts";
import { type JournalOptions, openJournalEventBus } from "./journal-event-bus.ts";

let directory: string;
const opened: EventBus[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "journal-"));
});
afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
  rmSync(directory, { recursive: true });
});

async function open(options: Partial<JournalOptions> = {}): Promise<EventBus> {
  const bus = await openJournalEventBus({ directory, log: silentLog, ...options });
  opened.push(bus);
  return bus;
}

const segments = () => readdirSync(directory).filter((name) => name.endsWith(".jsonl"));
const lastSegment = () => join(directory, segments().toSorted().at(-1)!);
const ids = (batches: readonly Batch[]) => batches.flatMap(({ events }) => events.map(({ event }) => event.id));

async function collect(bus: EventBus, durable = "tracker"): Promise<Batch[]> {
  const batches: Batch[] = [];
  await bus.consume(durable, async (batch) => void batches.push(batch));
  return batches;
}

test("every acknowledged event survives the kill of the process that published it", async () => {
  const script = fileURLToPath(new URL("../../test/journal-publisher.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=source", script, directory]);
  const printed = text(child.stdout);
  await vi.waitFor(() => expect(segments().length).toBeGreaterThan(5), { timeout: 9_000, interval: 5 });
  child.kill("SIGKILL");
  const acknowledged = (await printed).split("\n").slice(0, -1);
  expect(acknowledged.length).toBeGreaterThan(100);

  const batches = await collect(await open());
  await vi.waitFor(() => expect(ids(batches)).toEqual(expect.arrayContaining(acknowledged)), 5_000);
  expect(new Set(ids(batches)).size).toBe(ids(batches).length);
  expect(batches.flatMap(({ dead }) => dead)).toEqual([]);
}, 20_000);

test("a line that a crash tore off is cut, and what follows is whole", async () => {
  const [before, after] = [anEvent(), anEvent()];
  const first = await open();
  await first.publish(SUBJECT, before);
  await first.close();
  appendFileSync(lastSegment(), '{"s":"governance.upstream.changed","e":{"id":"to');

  const second = await open();
  await second.publish(SUBJECT, after);
  const batches = await collect(second);
  await vi.waitFor(() => expect(ids(batches)).toEqual([before.id, after.id]));
  expect(batches.flatMap(({ dead }) => dead)).toEqual([]);
});

test("a line that is no event is handed over as dead, once, beside the good ones", async () => {
  const bus = await open();
  await bus.publish(SUBJECT, anEvent());
  await bus.close();
  const good = readFileSync(lastSegment(), "utf8");
  writeFileSync(lastSegment(), `nonsense\n{"s":"${SUBJECT}","e":{"id":7}}\n${good}`);

  const batches = await collect(await open());
  await vi.waitFor(() => expect(ids(batches)).toHaveLength(1));
  expect(batches.flatMap(({ dead }) => dead)).toEqual([
    { subject: "", payload: "nonsense", reason: "not an event's line" },
    { subject: SUBJECT, payload: '{"id":7}', reason: expect.stringMatching(/^id: /) },
  ]);
});

test("only the batch that was not handled comes again after a restart", async () => {
  const [handled, unhandled] = [anEvent(), anEvent()];
  const first = await open();
  const seen: string[] = [];
  await first.consume("tracker", async (batch) => {
    seen.push(...ids([batch]));
    if (seen.includes(unhandled.id)) throw new Error("the database is away");
  });
  await first.publish(SUBJECT, handled);
  await vi.waitFor(() => expect(seen).toEqual([handled.id]));
  await first.publish(SUBJECT, unhandled);
  await vi.waitFor(() => expect(seen).toContain(unhandled.id));
  await first.close();

  const batches = await collect(await open());
  await vi.waitFor(() => expect(ids(batches)).toEqual([unhandled.id]));
});

test("what waits when it closes is handed over first", async () => {
  const bus = await open();
  const batches = await collect(bus);
  const event = anEvent();
  await delay(10);
  await bus.publish(SUBJECT, event);
  await bus.close();
  expect(ids(batches)).toEqual([event.id]);
});

test("segments go when every durable consumer has handled them, and no sooner", async () => {
  const bus = await open({ segmentBytes: 1_000 });
  for (let count = 0; count < 50; count++) await bus.publish(SUBJECT, anEvent());
  const all = segments().length;
  expect(all).toBeGreaterThan(5);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await bus.consume("slow", () => held);
  const batches = await collect(bus, "fast");
  await vi.waitFor(() => expect(ids(batches)).toHaveLength(50));
  expect(segments()).toHaveLength(all);
  release();
  await vi.waitFor(() => expect(segments()).toHaveLength(1));
});

test("refuses aloud at its limit, still takes what is told, and recovers when consumers have caught up", async () => {
  const bus = await open({ maxBytes: 10_000 });
  while (bus.accepting) await bus.publish(SUBJECT, anEvent());
  const refusal = { code: "audit.unavailable", message: "the journal holds its limit of 10000 bytes" };
  await expect(bus.publish(SUBJECT, anEvent())).rejects.toMatchObject(refusal);
  await expect(bus.ping()).rejects.toMatchObject(refusal);
  const told = anEvent();
  bus.tell(SUBJECT, told);

  const batches = await collect(bus);
  await vi.waitFor(() => expect(ids(batches)).toContain(told.id));
  expect(bus.accepting).toBe(true);
  await bus.publish(SUBJECT, anEvent());
});

test("a consumer that lags beyond memory reads the files and misses nothing", async () => {
  const bus = await open();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const batches: Batch[] = [];
  await bus.consume("slow", async (batch) => {
    batches.push(batch);
    await held;
  });
  const wanted: string[] = [];
  for (let round = 0; round < 60; round++) {
    const events = Array.from({ length: 10 }, () => anEvent({ reason: "x".repeat(100_000) }));
    wanted.push(...events.map(({ id }) => id));
    await Promise.all(events.map((event) => bus.publish(SUBJECT, event)));
  }
  release();
  await vi.waitFor(() => expect(ids(batches)).toHaveLength(wanted.length), 8_000);
  expect(ids(batches)).toEqual(wanted);
});

test("order and text are kept, whatever the sizes of lines and segments, over restarts", async () => {
  const script = fc.array(fc.array(fc.string({ unit: "binary", maxLength: 300 }), { maxLength: 20 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(script, fc.integer({ min: 1, max: 2_000 }), async (rounds, segmentBytes) => {
      const folder = mkdtempSync(join(directory, "run-"));
      const batches: Batch[] = [];
      for (const texts of rounds) {
        const bus = await openJournalEventBus({ directory: folder, log: silentLog, segmentBytes, flushMs: 0 });
        await Promise.all(texts.map((server) => bus.publish(SUBJECT, anEvent({ server }))));
        await bus.consume("tracker", async (batch) => void batches.push(batch));
        await delay(5);
        await bus.close();
      }
      const last = await openJournalEventBus({ directory: folder, log: silentLog });
      await last.consume("tracker", async (batch) => void batches.push(batch));
      const wanted = rounds.flat();
      await vi.waitFor(() => expect(ids(batches)).toHaveLength(wanted.length));
      await last.close();
      const servers = batches.flatMap(({ events }) =>
        events.map(({ event }) => ("server" in event ? event.server : "")),
      );
      expect(servers).toEqual(wanted);
    }),
    { numRuns: 20 },
  );
}, 30_000);
