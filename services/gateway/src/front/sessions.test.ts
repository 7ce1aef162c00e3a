import { GovernanceError } from "@mcp-governance-bridge/shared";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { aLog } from "../../test/a-log.ts";
import { aSessionState } from "../../test/builders.ts";
import { createMemorySessionStore } from "../adapters/memory-session-store.ts";
import type { SessionStore } from "../ports.ts";
import { Sessions, type SessionsOptions } from "./sessions.ts";

const HERE = { listener: "8173", principal: "anonymous" };
const aStore = (ttlMs = 10 * 60 * 60_000) => createMemorySessionStore({ ttlMs, max: 100 });

function aReplica(options: Partial<SessionsOptions> = {}) {
  const bus = createMemoryEventBus();
  const sessions = new Sessions({ store: aStore(), publisher: bus, log: aLog().log, ...options });
  onTestFinished(() => sessions.close());
  return { sessions, told: () => bus.published.map(({ subject, event }) => ({ subject, ...event })) };
}

const { id: _, ...asked } = aSessionState();

describe("a session", () => {
  test("is found by its token, and by its public id, which is another", async () => {
    const { sessions } = aReplica();
    const { token, session } = await sessions.open(asked);
    expect(await sessions.find(token, HERE)).toBe(session);
    expect(sessions.byId(session.id)).toBe(session);
    await expect(sessions.find(session.id, HERE)).rejects.toMatchObject({ code: "session.unknown" });
  });

  test("is told of when it opens and ends, never with its token", async () => {
    const { sessions, told } = aReplica();
    const { token, session } = await sessions.open(asked);
    await sessions.end(session);
    expect(told()).toMatchObject([
      { subject: "governance.session.opened", sessionId: session.id, principal: "anonymous", listener: "8173" },
      { subject: "governance.session.closed", sessionId: session.id, reason: "client" },
    ]);
    expect(JSON.stringify(told())).not.toContain(token);
  });

  test("is kept under a digest of its token", async () => {
    const keys: string[] = [];
    const store = aStore();
    const put: SessionStore["put"] = (key, state) => {
      keys.push(key);
      return store.put(key, state);
    };
    const { token } = await aReplica({ store: { ...store, put } }).sessions.open(asked);
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(keys[0]).not.toContain(token);
  });

  test("is unknown on another listener, to another principal, and after its end", async () => {
    const { sessions } = aReplica();
    const { token, session } = await sessions.open(asked);
    const unknown = { code: "session.unknown" };
    await expect(sessions.find(token, { ...HERE, listener: "8174" })).rejects.toMatchObject(unknown);
    await expect(sessions.find(token, { ...HERE, principal: "eve" })).rejects.toMatchObject(unknown);
    await expect(sessions.find("guess", HERE)).rejects.toMatchObject(unknown);
    await sessions.end(session);
    await expect(sessions.find(token, HERE)).rejects.toMatchObject(unknown);
    expect(sessions.size).toBe(0);
  });

  test("too many is refused", async () => {
    const { sessions } = aReplica({ max: 1 });
    await sessions.open(asked);
    await expect(sessions.open(asked)).rejects.toMatchObject({ code: "session.refused" });
  });

  test("that the store refuses is refused in the store's words", async () => {
    const { sessions } = aReplica({ store: createMemorySessionStore({ ttlMs: 1_000, max: 0 }) });
    await expect(sessions.open(asked)).rejects.toMatchObject({ code: "session.refused" });
  });

  test("cannot be opened or found while the store is away", async () => {
    const away = () => Promise.reject(new Error("connection refused"));
    const { sessions } = aReplica({ store: { ...aStore(), put: away, get: away, touch: away, delete: away } });
    await expect(sessions.open(asked)).rejects.toMatchObject({ code: "store.unavailable" });
    await expect(sessions.find("token", HERE)).rejects.toMatchObject({ code: "store.unavailable" });
  });
});

describe("a session begun on another replica", () => {
  test("is taken up from the store with all that is known of it", async () => {
    const store = aStore();
    const [first, second] = [aReplica({ store }), aReplica({ store })];
    const { token, session } = await first.sessions.open({ ...asked, capabilities: { roots: {} } });
    session.state = { ...session.state, logLevel: "error" };
    await first.sessions.save(session);
    const heir = await second.sessions.find(token, HERE);
    expect(heir.state).toEqual(session.state);
    expect(heir.can("roots")).toBe(true);
    expect(second.told()).toEqual([]);
  });

  test("is one session, though two requests take it up at once", async () => {
    const store = aStore();
    const { token } = await aReplica({ store }).sessions.open(asked);
    const { sessions } = aReplica({ store });
    const [one, two] = await Promise.all([sessions.find(token, HERE), sessions.find(token, HERE)]);
    expect(one).toBe(two);
    expect(sessions.size).toBe(1);
  });

  test("is not taken up on another listener", async () => {
    const store = aStore();
    const { token } = await aReplica({ store }).sessions.open(asked);
    const { sessions } = aReplica({ store });
    await expect(sessions.find(token, { ...HERE, listener: "8174" })).rejects.toMatchObject({
      code: "session.unknown",
    });
  });
});

describe("as time goes by", () => {
  afterEach(() => void vi.useRealTimers());
  const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);
  const aClock = () => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date", "performance"] });

  test("an unused session ends, one in use does not", async () => {
    aClock();
    const { sessions, told } = aReplica({ store: aStore(5 * 60_000) });
    const idle = await sessions.open(asked);
    const used = await sessions.open(asked);
    await minutes(4);
    await sessions.find(used.token, HERE);
    await minutes(2);
    await expect(sessions.find(idle.token, HERE)).rejects.toMatchObject({ code: "session.unknown" });
    expect(await sessions.find(used.token, HERE)).toBe(used.session);
    expect(told().at(-1)).toMatchObject({ reason: "expired", sessionId: idle.session.id });
  });

  test("a session used on another replica only is alive here too", async () => {
    aClock();
    const store = aStore(5 * 60_000);
    const [first, second] = [aReplica({ store }), aReplica({ store })];
    const { token, session } = await first.sessions.open(asked);
    for (let count = 0; count < 10; count += 1) {
      await second.sessions.find(token, HERE);
      await minutes(1);
    }
    expect(await first.sessions.find(token, HERE)).toBe(session);
    expect([...first.told(), ...second.told()]).toHaveLength(1);
  });

  test("a session ends on all replicas for want of use, under one fact", async () => {
    aClock();
    const store = aStore(5 * 60_000);
    const [first, second] = [aReplica({ store }), aReplica({ store })];
    const { token, session } = await first.sessions.open(asked);
    await second.sessions.find(token, HERE);
    await minutes(7);
    const closed = [...first.told(), ...second.told()].filter(({ subject }) => subject === "governance.session.closed");
    expect(new Set(closed.map(({ id }) => id))).toEqual(new Set([`${session.id}.closed`]));
    expect(first.sessions.size + second.sessions.size).toBe(0);
  });

  test("a session that ended on another replica ends here too, and is told of once", async () => {
    aClock();
    const store = aStore();
    const [first, second] = [aReplica({ store }), aReplica({ store })];
    const { token, session } = await first.sessions.open(asked);
    const ended: string[] = [];
    first.sessions.onEnd(({ id }) => ended.push(id));
    await second.sessions.end(await second.sessions.find(token, HERE));
    await minutes(1);
    expect(ended).toEqual([session.id]);
    expect(first.told().map(({ subject }) => subject)).toEqual(["governance.session.opened"]);
  });

  test("sessions stay while the store is away", async () => {
    aClock();
    const store = aStore();
    let away = false;
    const get: SessionStore["get"] = async (key) => {
      if (away) throw new GovernanceError("store.unavailable", "away");
      return store.get(key);
    };
    const { sessions } = aReplica({ store: { ...store, get } });
    const { token, session } = await sessions.open(asked);
    away = true;
    await minutes(5);
    expect(await sessions.find(token, HERE)).toBe(session);
  });
});

test("a replica that stops lets go of its sessions without ending them", async () => {
  const store = aStore();
  const first = aReplica({ store });
  const { token } = await first.sessions.open(asked);
  first.sessions.close();
  expect(first.told()).toHaveLength(1);
  await aReplica({ store }).sessions.find(token, HERE);
});
