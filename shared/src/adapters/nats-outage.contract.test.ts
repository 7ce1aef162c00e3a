import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { anEvent, SUBJECT } from "../../test/an-event.ts";
import { dockerHasNats, startNatsContainer } from "../../test/nats-container.ts";
import type { Batch, Consumer, EventBus } from "../event-bus.ts";
import { silentLog } from "../log.ts";
import { connectNats, connectNatsEventBus, pingNats } from "./nats.ts";

const available = dockerHasNats();
if (!available) {
  const missing = "outages of NATS need docker with the image nats:2-alpine";
  if (process.env.REQUIRE_ALL_ADAPTERS === "1") throw new Error(missing);
  process.stderr.write(`skipped: ${missing}\n`);
}

const ids = (batches: readonly Batch[]) => batches.flatMap(({ events }) => events.map(({ event }) => event.id));
const unavailable = { code: "audit.unavailable" };

describe.runIf(available)("when NATS goes away, the event bus", () => {
  let server: Awaited<ReturnType<typeof startNatsContainer>>;
  let connection: NatsConnection;
  let bus: EventBus;
  let batches: Batch[];
  let consumer: Consumer;
  const heard: string[] = [];

  beforeAll(async () => {
    server = await startNatsContainer();
    connection = await connectNats(server.url, { name: "outage-test", log: silentLog });
    bus = await connectNatsEventBus({ connection, log: silentLog });
    batches = [];
    bus.follow(({ event }) => void heard.push(event.id));
    consumer = await bus.consume("tracker", async (batch) => void batches.push(batch));
  });
  afterAll(async () => {
    await bus?.close();
    await connection?.close();
    await server?.remove();
  });
  afterEach(() => expect(bus.ping()).resolves.toBeUndefined());

  async function publishUntilKept(): Promise<string> {
    const event = anEvent();
    await vi.waitFor(() => bus.publish(SUBJECT, event), { timeout: 10_000, interval: 100 });
    return event.id;
  }
  const delivered = (id: string) => vi.waitFor(() => expect(ids(batches)).toContain(id), 10_000);

  test("refuses at once while it is killed, delivers what it was told, and goes on by itself", async () => {
    await delivered(await publishUntilKept());
    await server.stop();
    await vi.waitFor(() => expect(bus.publish(SUBJECT, anEvent())).rejects.toMatchObject(unavailable), 5_000);
    const began = performance.now();
    await expect(bus.publish(SUBJECT, anEvent())).rejects.toMatchObject(unavailable);
    await expect(pingNats(connection)).rejects.toThrow();
    await expect(bus.ping()).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(500);
    await expect(consumer.backlog()).rejects.toThrow();
    const told = Array.from({ length: 500 }, () => anEvent());
    for (const event of told) bus.tell(SUBJECT, event);
    expect(bus.accepting).toBe(true);

    await server.start();
    const kept = await publishUntilKept();
    await delivered(kept);
    await vi.waitFor(() => expect(heard).toContain(kept), 10_000);
    const mine = new Set(told.map(({ id }) => id));
    await vi.waitFor(() => expect(ids(batches).filter((id) => mine.has(id))).toEqual(told.map(({ id }) => id)), 10_000);
  }, 40_000);

  test("notices within seconds that it is frozen, and goes on when it thaws", async () => {
    await server.freeze();
    const began = performance.now();
    await expect(bus.publish(SUBJECT, anEvent())).rejects.toMatchObject(unavailable);
    expect(performance.now() - began).toBeLessThan(2_000);
    await delay(4_000);
    const later = performance.now();
    await expect(bus.publish(SUBJECT, anEvent())).rejects.toMatchObject(unavailable);
    expect(performance.now() - later).toBeLessThan(100);
    await server.thaw();
    await delivered(await publishUntilKept());
  }, 40_000);

  test("makes a lost stream and its consumer anew", async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.delete("GOVERNANCE");
    await delivered(await publishUntilKept());
  }, 40_000);

  test("makes a stream anew that is deleted while others open it", async () => {
    const manager = await jetstreamManager(connection);
    for (let round = 0; round < 10; round++) {
      const opening = connectNatsEventBus({ connection, log: silentLog });
      await manager.streams.delete("GOVERNANCE");
      await (await opening).close();
      await publishUntilKept();
    }
    await delivered(await publishUntilKept());
  }, 40_000);

  test("makes a lost consumer anew", async () => {
    const manager = await jetstreamManager(connection);
    await manager.consumers.delete("GOVERNANCE", "tracker");
    await delivered(await publishUntilKept());
  }, 40_000);

  test("brings a consumer that was made with other settings up to date", async () => {
    const { consumers } = await jetstreamManager(connection);
    await consumers.add("GOVERNANCE", { durable_name: "older", ack_policy: "explicit", ack_wait: 60e9 });
    const older = await bus.consume("older", async () => {});
    expect((await consumers.info("GOVERNANCE", "older")).config.ack_wait).toBe(5e9);
    await older.close();
    await consumers.delete("GOVERNANCE", "older");
  });

  test("refuses aloud when the stream is full, and makes room by what was consumed", async () => {
    const small = await connectNatsEventBus({ connection, log: silentLog, maxBytes: 200_000 });
    const publishLarge = () => small.publish(SUBJECT, anEvent({ reason: "x".repeat(20_000) }));
    const fill = async () => {
      for (;;) await publishLarge();
    };
    await expect(fill()).rejects.toMatchObject({ ...unavailable, message: expect.stringContaining("maximum bytes") });
    await vi.waitFor(publishLarge, { timeout: 15_000, interval: 200 });
    await small.close();
  }, 40_000);
});

describe.runIf(available)("a NATS that comes late", () => {
  test("is waited for", async () => {
    const server = await startNatsContainer();
    await server.stop();
    const connecting = connectNats(server.url, { name: "late-test", log: silentLog });
    await delay(1_000);
    await server.start();
    const connection = await connecting;
    const bus = await connectNatsEventBus({ connection, log: silentLog });
    await bus.publish(SUBJECT, anEvent());
    await bus.close();
    await connection.close();
    await server.remove();
  }, 40_000);
});
