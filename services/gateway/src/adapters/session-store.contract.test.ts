import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionState, SessionStore } from "../ports.ts";
import { createMemorySessionStore } from "./memory-session-store.ts";
import { createNatsSessionStore } from "./nats-session-store.ts";

const url = process.env.NATS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !url) throw new Error("NATS_URL is required");

let connection: NatsConnection;
const buckets: string[] = [];

beforeAll(async () => {
  if (url) connection = await connectNats(url, { name: "session-test", log: silentLog });
});
afterAll(async () => {
  if (!url) return;
  for (const bucket of buckets) await (await new Kvm(connection).open(bucket)).destroy();
  await connection.close();
});

function natsStore(ttlMs: number): SessionStore {
  const bucket = `test_${randomUUID()}`;
  buckets.push(bucket);
  return createNatsSessionStore({ connection, log: silentLog, ttlMs, bucket });
}

const aState = (part: Partial<SessionState> = {}): SessionState => ({
  id: randomUUID(),
  principal: "anonymous",
  roles: ["operator"],
  client: { name: "inspector", version: "1.0" },
  protocolVersion: "2025-11-25",
  capabilities: { sampling: {}, roots: { listChanged: true } },
  logLevel: null,
  listener: "127.0.0.1:8173",
  ...part,
});

const adapters: [name: string, open: (ttlMs: number) => SessionStore, available: boolean][] = [
  ["memory", (ttlMs) => createMemorySessionStore({ ttlMs, max: 10 }), true],
  ["nats", natsStore, url !== undefined],
];

describe.each(adapters)("%s session store", (_name, open, available) => {
  test.runIf(available)("finds a session as it was put last, until it is deleted", async () => {
    const store = open(60_000);
    const state = aState();
    await store.put("key", state);
    expect(await store.get("key")).toEqual(state);
    await store.put("key", { ...state, logLevel: "warning" });
    expect(await store.get("key")).toEqual({ ...state, logLevel: "warning" });
    await store.delete("key");
    expect(await store.get("key")).toBeUndefined();
  });

  test.runIf(available)("knows no session that never was, and forgives its deletion", async () => {
    const store = open(60_000);
    expect(await store.get("nobody")).toBeUndefined();
    await store.delete("nobody");
    expect(await store.get("nobody")).toBeUndefined();
  });

  test.runIf(available)(
    "forgets a session that nobody touched, however often it is read, and keeps one in use",
    async () => {
      const store = open(1_000);
      await store.put("idle", aState());
      await store.put("busy", aState());
      for (let times = 0; times < 6; times++) {
        await delay(400);
        expect(await store.touch("busy")).toBe(true);
        await store.get("idle");
      }
      expect(await store.get("busy")).toBeDefined();
      expect(await store.get("idle")).toBeUndefined();
      expect(await store.touch("idle")).toBe(false);
    },
  );
});

test("a memory session store refuses one session more than it may hold, and takes it when one has left", async () => {
  const store = createMemorySessionStore({ ttlMs: 60_000, max: 2 });
  await store.put("a", aState());
  await store.put("b", aState());
  await expect(store.put("c", aState())).rejects.toMatchObject({ code: "session.refused" });
  await store.put("b", aState());
  await store.delete("a");
  await store.put("c", aState());
});

test.runIf(url)("a nats session store makes its bucket anew when it was lost", async () => {
  const store = natsStore(60_000);
  await store.put("key", aState());
  await (await new Kvm(connection).open(buckets.at(-1)!)).destroy();
  await store.put("key", aState()).catch(() => undefined);
  await store.put("key", aState());
  expect(await store.get("key")).toBeDefined();
});
