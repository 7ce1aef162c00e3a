import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { anEvent, SUBJECT } from "../../test/an-event.ts";
import type { Batch, EventBus } from "../event-bus.ts";
import { silentLog } from "../log.ts";
import { createMemoryEventBus } from "../testing.ts";
import { openJournalEventBus } from "./journal-event-bus.ts";
import { connectNats, connectNatsEventBus } from "./nats.ts";

const natsUrl = process.env.NATS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !natsUrl) throw new Error("NATS_URL is required");

const directory = mkdtempSync(join(tmpdir(), "event-bus-"));
let connection: NatsConnection;
const durables: string[] = [];

beforeAll(async () => {
  if (natsUrl) connection = await connectNats(natsUrl, { name: "contract", log: silentLog });
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
  if (!natsUrl) return;
  const manager = await jetstreamManager(connection);
  for (const durable of durables) await manager.consumers.delete("GOVERNANCE", durable).catch(() => undefined);
  await connection.close();
});

function aDurable(): string {
  const durable = `test-${randomUUID()}`;
  durables.push(durable);
  return durable;
}

/** Whoever else uses the same server publishes too, so a test looks only for its own. */
const ids = (batches: readonly Batch[]) => batches.flatMap(({ events }) => events.map(({ event }) => event.id));
const occurrences = (batches: readonly Batch[], id: string) => ids(batches).filter((other) => other === id).length;

const adapters: [name: string, open: () => Promise<EventBus>, available: boolean][] = [
  ["memory", async () => createMemoryEventBus(), true],
  [
    "journal",
    async () => openJournalEventBus({ directory: mkdtempSync(join(directory, "journal-")), log: silentLog }),
    true,
  ],
  ["nats", () => connectNatsEventBus({ connection, log: silentLog }), natsUrl !== undefined],
];

describe.each(adapters)("%s event bus", (_name, open, available) => {
  let bus: EventBus;
  afterEach(() => bus?.close());

  test.runIf(available)("delivers what was published and what was told, as it was", async () => {
    bus = await open();
    const [published, told] = [anEvent({ server: "zürich \ud83d\ude00 \ud800" }), anEvent()];
    const batches: Batch[] = [];
    await bus.publish(SUBJECT, published);
    bus.tell(SUBJECT, told);
    await bus.consume(aDurable(), async (batch) => void batches.push(batch));
    await vi.waitFor(() => expect(ids(batches)).toEqual(expect.arrayContaining([published.id, told.id])), 10_000);
    const events = batches.flatMap((batch) => batch.events);
    expect(events).toContainEqual({ subject: SUBJECT, event: published });
    expect(events).toContainEqual({ subject: SUBJECT, event: told });
  });

  test.runIf(available)("delivers the same again when the handler fails, and once when it does not", async () => {
    bus = await open();
    const event = anEvent();
    const batches: Batch[] = [];
    await bus.consume(aDurable(), async (batch) => {
      batches.push(batch);
      if (occurrences(batches, event.id) === 1) throw new Error("the database is away");
    });
    await bus.publish(SUBJECT, event);
    await vi.waitFor(() => expect(occurrences(batches, event.id)).toBe(2), 10_000);
    await bus.publish(SUBJECT, anEvent());
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(occurrences(batches, event.id)).toBe(2);
  });

  test.runIf(available)("goes on where a durable consumer stopped", async () => {
    bus = await open();
    const durable = aDurable();
    const [before, after] = [anEvent(), anEvent()];
    const first: Batch[] = [];
    const second: Batch[] = [];
    const consumer = await bus.consume(durable, async (batch) => void first.push(batch));
    await bus.publish(SUBJECT, before);
    await vi.waitFor(() => expect(ids(first)).toContain(before.id), 10_000);
    await consumer.close();
    await bus.publish(SUBJECT, after);
    await bus.consume(durable, async (batch) => void second.push(batch));
    await vi.waitFor(() => expect(ids(second)).toContain(after.id), 10_000);
    expect(ids(second)).not.toContain(before.id);
    expect(ids(first)).not.toContain(after.id);
  });

  test.runIf(available)("finishes the batch in hand before a consumer closes", async () => {
    bus = await open();
    const event = anEvent();
    let done = false;
    let begun = false;
    const consumer = await bus.consume(aDurable(), async (batch) => {
      if (occurrences([batch], event.id) === 0) return;
      begun = true;
      await new Promise((resolve) => setTimeout(resolve, 100));
      done = true;
    });
    await bus.publish(SUBJECT, event);
    await vi.waitFor(() => expect(begun).toBe(true), 10_000);
    await consumer.close();
    await consumer.close();
    expect(done).toBe(true);
  });

  test.runIf(available)("delivers each of many concurrent publishes once, in batches", async () => {
    bus = await open();
    const events = Array.from({ length: 3_000 }, () => anEvent());
    const batches: Batch[] = [];
    await bus.consume(aDurable(), async (batch) => void batches.push(batch));
    await Promise.all(events.map((event) => bus.publish(SUBJECT, event)));
    const wanted = new Set(events.map(({ id }) => id));
    const mine = () => ids(batches).filter((id) => wanted.has(id));
    await vi.waitFor(() => expect(mine()).toHaveLength(events.length), 15_000);
    expect(new Set(mine()).size).toBe(events.length);
  });

  test.runIf(available)("says what was delivered before, and nothing of what was not", async () => {
    bus = await open();
    const event = anEvent();
    const batches: Batch[] = [];
    await bus.consume(aDurable(), async (batch) => {
      batches.push(batch);
      if (occurrences(batches, event.id) === 1) throw new Error("the database is away");
    });
    await bus.publish(SUBJECT, event);
    await vi.waitFor(() => expect(occurrences(batches, event.id)).toBe(2), 10_000);
    const [first, again] = batches.filter((batch) => ids([batch]).includes(event.id));
    expect(first?.redelivered).toBe(0);
    expect(again?.redelivered).toBeGreaterThan(0);
  });

  test.runIf(available)("tells how much a consumer has not handled, what is in hand included", async () => {
    bus = await open();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const event of [anEvent(), anEvent()]) await bus.publish(SUBJECT, event);
    const consumer = await bus.consume(aDurable(), () => held);
    for (let count = 0; count < 10; count += 1) await bus.publish(SUBJECT, anEvent());
    const { waiting, unit } = await consumer.backlog();
    expect(waiting).toBeGreaterThanOrEqual(unit === "events" ? 12 : 1);
    release();
    await vi.waitFor(async () => expect((await consumer.backlog()).waiting).toBe(0), 10_000);
  });

  test.runIf(available)("is followed by all who want to, from that moment on, in order", async () => {
    bus = await open();
    const [before, after] = [anEvent(), Array.from({ length: 100 }, () => anEvent())];
    await bus.publish(SUBJECT, before);
    const heard: string[] = [];
    const failing = bus.follow(() => {
      throw new Error("a follower's own fault");
    });
    const following = bus.follow(({ event }) => void heard.push(event.id));
    await bus.ping();
    await Promise.all(after.map((event) => bus.publish(SUBJECT, event)));
    const wanted = after.map(({ id }) => id);
    await vi.waitFor(() => expect(heard).toEqual(expect.arrayContaining(wanted)), 10_000);
    expect(heard.filter((id) => wanted.includes(id))).toEqual(wanted);
    expect(heard).not.toContain(before.id);
    await failing.close();
    await following.close();
    await following.close();
    const later = anEvent();
    const last = bus.follow(({ event }) => void heard.push(`again ${event.id}`));
    await bus.publish(SUBJECT, later);
    await vi.waitFor(() => expect(heard).toContain(`again ${later.id}`), 10_000);
    expect(heard).not.toContain(later.id);
    await last.close();
  });

  test.runIf(available)("is ready and accepting", async () => {
    bus = await open();
    await expect(bus.ping()).resolves.toBeUndefined();
    expect(bus.accepting).toBe(true);
  });
});

describe("nats event bus, beside other processes", () => {
  test.runIf(natsUrl)("two consumers of one durable name share the events", async () => {
    const bus = await connectNatsEventBus({ connection, log: silentLog });
    const durable = aDurable();
    const first: Batch[] = [];
    const second: Batch[] = [];
    const slow = (into: Batch[]) => async (batch: Batch) => {
      into.push(batch);
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await bus.consume(durable, slow(first));
    await bus.consume(durable, slow(second));
    const events = Array.from({ length: 2_000 }, () => anEvent());
    // One by one: what is published at once travels as one message, which one of them gets.
    for (const event of events) await bus.publish(SUBJECT, event);
    const mine = new Set(events.map(({ id }) => id));
    const of = (batches: Batch[]) => ids(batches).filter((id) => mine.has(id));
    await vi.waitFor(() => expect(of(first).length + of(second).length).toBe(events.length), 15_000);
    expect(of(first).length).toBeGreaterThan(0);
    expect(of(second).length).toBeGreaterThan(0);
    await bus.close();
  });

  test.runIf(natsUrl)("hands over what is no event once, beside the good ones", async () => {
    const bus = await connectNatsEventBus({ connection, log: silentLog });
    const marker = randomUUID();
    const batches: Batch[] = [];
    await bus.consume(aDurable(), async (batch) => void batches.push(batch));
    connection.publish(SUBJECT, `not json ${marker}`);
    connection.publish(SUBJECT, JSON.stringify({ ...anEvent(), at: marker }));
    connection.publish("governance.nobody.knows", JSON.stringify({ marker }));
    const event = anEvent();
    await bus.publish(SUBJECT, event);
    const dead = () => batches.flatMap((batch) => batch.dead).filter(({ payload }) => payload.includes(marker));
    await vi.waitFor(() => expect(ids(batches)).toContain(event.id), 10_000);
    await vi.waitFor(() => expect(dead()).toHaveLength(3), 10_000);
    expect(dead().map(({ reason }) => reason)).toEqual(["not JSON", expect.stringMatching(/^at: /), "unknown subject"]);
    await bus.close();
  });

  test.runIf(natsUrl)(
    "a follower hears an event once that is published again, and nothing of what is no event",
    async () => {
      const [bus, other] = [
        await connectNatsEventBus({ connection, log: silentLog }),
        await connectNatsEventBus({ connection, log: silentLog }),
      ];
      const heard: string[] = [];
      bus.follow(({ event }) => void heard.push(event.id));
      await bus.ping();
      const events = [anEvent(), anEvent()];
      for (let time = 0; time < 2; time += 1) await Promise.all(events.map((event) => other.publish(SUBJECT, event)));
      connection.publish(SUBJECT, "not json");
      const last = anEvent();
      await other.publish(SUBJECT, last);
      await vi.waitFor(() => expect(heard).toContain(last.id), 10_000);
      const mine = [...events, last].map(({ id }) => id);
      expect(heard.filter((id) => mine.includes(id))).toEqual(mine);
      await Promise.all([bus.close(), other.close()]);
    },
  );

  test.runIf(natsUrl)("keeps one of those that carry the same event id", async () => {
    const bus = await connectNatsEventBus({ connection, log: silentLog });
    const event = anEvent();
    const last = anEvent();
    const batches: Batch[] = [];
    await bus.publish(SUBJECT, event);
    await bus.publish(SUBJECT, event);
    await bus.publish(SUBJECT, last);
    await bus.consume(aDurable(), async (batch) => void batches.push(batch));
    await vi.waitFor(() => expect(ids(batches)).toContain(last.id), 10_000);
    expect(occurrences(batches, event.id)).toBe(1);
    await bus.close();
  });
});
