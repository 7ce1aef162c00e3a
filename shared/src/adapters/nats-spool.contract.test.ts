import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { anEvent, SUBJECT } from "../../test/an-event.ts";
import { dockerHasNats, startNatsContainer } from "../../test/nats-container.ts";
import type { Batch, EventBus } from "../event-bus.ts";
import { silentLog } from "../log.ts";
import { connectNats, connectNatsEventBus, type SpoolSettings } from "./nats.ts";

const available = dockerHasNats();
if (!available) {
  const missing = "the spool needs docker with the image nats:2-alpine";
  if (process.env.REQUIRE_ALL_ADAPTERS === "1") throw new Error(missing);
  process.stderr.write(`skipped: ${missing}\n`);
}

describe.runIf(available)("a gateway's event bus with a spool", () => {
  let server: Awaited<ReturnType<typeof startNatsContainer>>;
  let connection: NatsConnection;
  let tracker: EventBus;
  let directory: string;
  const seen: string[] = [];
  const opened: EventBus[] = [];

  beforeAll(async () => {
    server = await startNatsContainer();
    connection = await connectNats(server.url, { name: "spool-test", log: silentLog });
    tracker = await connectNatsEventBus({ connection, log: silentLog });
    await tracker.consume("tracker", async ({ events }: Batch) => {
      for (const { event } of events) seen.push(event.id);
    });
  });
  afterAll(async () => {
    await tracker?.close();
    await connection?.close();
    await server?.remove();
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "spool-"));
  });
  afterEach(async () => {
    for (const bus of opened.splice(0)) await bus.close();
    rmSync(directory, { recursive: true });
  });

  async function open(settings: Partial<SpoolSettings> = {}): Promise<EventBus> {
    const spool = { directory, maxBytes: 50_000_000, leaseMs: 2_000, lookMs: 300, ...settings };
    const bus = await connectNatsEventBus({ connection, log: silentLog, spool });
    opened.push(bus);
    return bus;
  }

  const folders = () => readdirSync(directory).filter((name) => !name.endsWith(".lock"));
  /** What the tracker makes of it: the first of those that carry the same id. */
  const firsts = (wanted: readonly string[]) => {
    const mine = new Set(wanted);
    return [...new Set(seen)].filter((id) => mine.has(id));
  };
  const delivered = (ids: readonly string[]) => vi.waitFor(() => expect(firsts(ids)).toEqual(ids), 20_000);

  /** Publishes one event after the other until it is told to stop. */
  function startPublisher(bus: EventBus) {
    const ids: string[] = [];
    let stopped = false;
    async function run(): Promise<void> {
      while (!stopped) {
        const event = anEvent();
        await bus.publish(SUBJECT, event);
        ids.push(event.id);
        // Without a pause it would fill the spool of a NATS that is away within seconds.
        await delay(1);
      }
    }
    const running = run();
    return {
      ids,
      more: (count: number) => {
        const enough = ids.length + count;
        return vi.waitFor(() => expect(ids.length).toBeGreaterThan(enough), 10_000);
      },
      stop() {
        stopped = true;
        return running;
      },
    };
  }

  test("loses, doubles and reorders nothing while NATS is killed under load and comes back", async () => {
    const bus = await open();
    const publishers = Array.from({ length: 4 }, () => startPublisher(bus));
    const allMore = () => Promise.all(publishers.map(({ more }) => more(100)));
    const told: string[] = [];
    const tell = () => {
      const event = anEvent();
      told.push(event.id);
      bus.tell(SUBJECT, event);
    };
    for (let outage = 0; outage < 2; outage += 1) {
      await allMore();
      await server.stop();
      tell();
      await vi.waitFor(() => expect(folders()).toHaveLength(1), 10_000);
      await allMore();
      tell();
      await expect(bus.ping()).resolves.toBeUndefined();
      expect(bus.accepting).toBe(true);
      await server.start();
      // It goes back to the direct way while everybody goes on publishing.
      await vi.waitFor(() => expect(folders()).toEqual([]), 20_000);
    }
    await allMore();
    await Promise.all(publishers.map(({ stop }) => stop()));
    for (const { ids } of publishers) await delivered(ids);
    await delivered(told);
  }, 90_000);

  test("waits once for a NATS that is frozen, and delivers when it thaws", async () => {
    const bus = await open();
    const publisher = startPublisher(bus);
    await publisher.more(50);
    await server.freeze();
    await vi.waitFor(() => expect(folders()).toHaveLength(1), 10_000);
    const began = performance.now();
    for (let count = 0; count < 20; count += 1) await bus.publish(SUBJECT, anEvent());
    expect(performance.now() - began).toBeLessThan(1_000);
    await server.thaw();
    await vi.waitFor(() => expect(folders()).toEqual([]), 20_000);
    await publisher.stop();
    await delivered(publisher.ids);
  }, 60_000);

  test("refuses when the spool is full, and takes again when NATS is back", async () => {
    const bus = await open({ maxBytes: 50_000 });
    await server.stop();
    const kept: string[] = [];
    while (bus.accepting) {
      const event = anEvent();
      await bus.publish(SUBJECT, event);
      kept.push(event.id);
    }
    const refusal = { code: "audit.unavailable", message: "the gateway's spool holds its limit of 50000 bytes" };
    await expect(bus.publish(SUBJECT, anEvent())).rejects.toMatchObject(refusal);
    await expect(bus.ping()).rejects.toThrow();
    await server.start();
    await vi.waitFor(() => expect(bus.accepting).toBe(true), 20_000);
    const after = anEvent();
    await bus.publish(SUBJECT, after);
    await delivered([...kept, after.id]);
  }, 60_000);

  test("keeps what a stream that is full refuses, and delivers it when there is room", async () => {
    const bus = await open();
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info("GOVERNANCE");
    await manager.streams.update("GOVERNANCE", { max_bytes: state.bytes + 100 });
    const events = Array.from({ length: 20 }, () => anEvent());
    for (const event of events) await bus.publish(SUBJECT, event);
    expect(folders()).toHaveLength(1);
    await manager.streams.update("GOVERNANCE", { max_bytes: 2 ** 30 });
    await delivered(events.map(({ id }) => id));
  }, 40_000);

  test("leaves what it could not deliver to the next, when it closes", async () => {
    const first = await open();
    await server.stop();
    const events = Array.from({ length: 50 }, () => anEvent());
    for (const event of events) first.tell(SUBJECT, event);
    await first.close();
    expect(folders()).toHaveLength(1);
    await server.start();
    await open();
    await delivered(events.map(({ id }) => id));
    await vi.waitFor(() => expect(folders()).toEqual([]), 10_000);
  }, 60_000);

  describe("whose process is killed", () => {
    let child: ChildProcess;
    afterEach(() => child.kill("SIGKILL"));

    /** Starts one that publishes without end; what it prints is kept. */
    function startChild(): string[] {
      const script = fileURLToPath(new URL("../../test/spool-publisher.ts", import.meta.url));
      const args = ["--import", "tsx", "--conditions=source", script, server.url, directory];
      child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      const printed: string[] = [];
      if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => printed.push(line));
      return printed;
    }

    test("has its spool delivered by another, torn last line or not", async () => {
      const printed = startChild();
      await vi.waitFor(() => expect(printed.length).toBeGreaterThan(50), { timeout: 20_000 });
      await server.stop();
      await vi.waitFor(() => expect(folders()).toHaveLength(1), 10_000);
      const direct = printed.length;
      await vi.waitFor(() => expect(printed.length).toBeGreaterThan(direct + 200), 10_000);
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await ended;
      const [folder = ""] = folders();
      const segment = readdirSync(join(directory, folder)).find((name) => name.endsWith(".jsonl"));
      appendFileSync(join(directory, folder, segment ?? ""), '{"s":"governance.upstream.changed","e":{"id":"to');

      await server.start();
      await open();
      await delivered(printed);
      await vi.waitFor(() => expect(readdirSync(directory)).toHaveLength(1), 10_000);
    }, 90_000);
  });
});
