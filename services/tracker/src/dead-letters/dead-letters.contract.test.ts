import { randomUUID } from "node:crypto";
import { type Batch, type DeadLetter, silentLog } from "@mcp-governance-bridge/shared";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { aTracker } from "../../test/a-tracker.ts";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { aDecided } from "../../test/builders.ts";
import { createGovernanceApi } from "../api/governance-api.ts";
import type { RecordStore } from "../record-store.ts";
import { deadLetterEndpoints } from "./dead-letter-routes.ts";
import { createDeadLetters } from "./dead-letters.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

const subject = "governance.call.decided";

/** Died for a reason that holds no longer: a tracker of another version did not know it, say. */
const aLetter = (): DeadLetter & { event: ReturnType<typeof aDecided>["event"] } => {
  const { event } = aDecided();
  return { subject, payload: JSON.stringify(event), reason: "unknown subject", event };
};

describe.each(recordStores(uri))("dead letters on %s", (_name, open, available) => {
  let store: RecordStore;
  let handle: (batch: Batch) => Promise<void>;
  let bus: ReturnType<typeof createMemoryEventBus>;
  beforeEach(async () => {
    if (!available) return;
    store = await open();
    handle = await aTracker(store);
    bus = createMemoryEventBus();
  });
  afterEach(async () => {
    await store?.close();
    await bus?.close();
  });

  const letters = (repeatMs = 0) => createDeadLetters({ store, publisher: bus, repeatMs, log: silentLog });
  const keep = (...dead: DeadLetter[]) => handle({ events: [], dead, redelivered: 0 });
  const kept = () => store.aggregate("dead_letters", [{ $sort: { timestamp: 1, _id: 1 } }]);

  const apiOf = () => {
    const { app } = createGovernanceApi({
      endpoints: deadLetterEndpoints({ store, letters: letters() }),
      edits: "open",
      log: silentLog,
    });
    return async (method: string, path: string, body?: unknown) => {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      const headers = { "content-type": "application/json" };
      const response = await app.request(`/governance/dead-letters${path}`, { method, headers, ...init });
      return { status: response.status, body: JSON.parse(await response.text()) };
    };
  };

  test.runIf(available)("a letter that is an event by now is published again as it was, and marked", async () => {
    const letter = aLetter();
    await keep(letter);
    expect(await letters().redrive({ all: true })).toEqual({ redriven: 1, dead: 0, still_dead: [] });
    expect(bus.published).toEqual([{ subject, event: letter.event }]);
    expect(await kept()).toMatchObject([{ status: "redriven", redriven_at: expect.any(Date) }]);
    expect(await letters().redrive({ all: true })).toMatchObject({ redriven: 0, dead: 0 });
  });

  test.runIf(available)("a letter that is none stays, with the reason of today", async () => {
    await keep(
      { subject: "governance.odd", payload: "{}", reason: "r" },
      { subject, payload: "{", reason: "r" },
      { subject, payload: JSON.stringify({ ...aLetter().event, callId: "7" }), reason: "r" },
    );
    const { redriven, dead, still_dead } = await letters().redrive({ all: true });
    expect({ redriven, dead }).toEqual({ redriven: 0, dead: 3 });
    expect(still_dead.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/^: Invalid input/),
      "callId: Invalid UUID",
      "unknown subject",
    ]);
    expect(await kept()).toMatchObject([{ status: "dead" }, { status: "dead" }, { status: "dead" }]);
  });

  test.runIf(available)("only the letters that are named are published", async () => {
    const [one, other] = [aLetter(), aLetter()];
    await keep(one, other);
    const id = (await kept()).find(({ payload }) => payload === one.payload)?._id;
    const absent = randomUUID();
    expect(await letters().redrive({ ids: [String(id), absent] })).toEqual({
      redriven: 1,
      dead: 1,
      still_dead: [{ id: absent, reason: "no letter with this id is dead" }],
    });
    expect(bus.published).toEqual([{ subject, event: one.event }]);
  });

  test.runIf(available)("all of many are gone through, those between them that stay dead too", async () => {
    const good = Array.from({ length: 20 }, aLetter);
    const bad = good.map(({ payload }): DeadLetter => ({ subject: "odd", payload, reason: "r" }));
    await keep(...good, ...bad);
    expect(await letters().redrive({ all: true })).toMatchObject({ redriven: 20, dead: 20 });
  });

  test.runIf(available)("nothing is published that the bus would take for a repeat", async () => {
    await keep(aLetter());
    const result = await letters(600_000).redrive({ all: true });
    expect(result.still_dead).toMatchObject([{ reason: expect.stringMatching(/less than 10 minutes ago/) }]);
    expect(bus.published).toEqual([]);
  });

  test.runIf(available)("a letter is not marked while the bus is away", async () => {
    await keep(aLetter());
    bus.accepting = false;
    await expect(letters().redrive({ all: true })).rejects.toThrow("told to refuse");
    expect(await kept()).toMatchObject([{ status: "dead", redriven_at: null }]);
  });

  test.runIf(available)("a letter that dies again on its way is dead, not published", async () => {
    const letter = aLetter();
    await keep(letter);
    const [{ timestamp } = {}] = await kept();
    const dying = {
      async publish() {
        await vi.waitUntil(() => Date.now() > Number(timestamp), { interval: 1 });
        await keep(letter);
      },
    };
    await createDeadLetters({ store, publisher: dying, log: silentLog }).redrive({ all: true });
    expect(await kept()).toMatchObject([{ status: "dead" }]);
  });

  test.runIf(available)("what does not fit into a document is cut, and cannot be published again", async () => {
    const payload = `"${"ü".repeat(8 * 1_048_576)}"`;
    await keep({ subject, payload, reason: "r" });
    const [letter] = await kept();
    expect(letter).toMatchObject({ payload_truncated: true, payload_size: payload.length });
    expect(payload.startsWith(String(letter?.payload))).toBe(true);
    const { still_dead } = await letters().redrive({ all: true });
    expect(still_dead).toMatchObject([{ reason: "only the beginning of it is kept" }]);
  });

  test.runIf(available)("the API lists them without their contents, by status, and publishes them again", async () => {
    const api = apiOf();
    await keep(aLetter(), { subject: "odd", payload: "secret", reason: "r" });
    const { body } = await api("GET", "?status=dead&subject=odd");
    expect(body.data).toMatchObject([{ subject: "odd", status: "dead", reason: "r", payload_size: 6 }]);
    expect(JSON.stringify(body)).not.toContain("secret");

    expect(await api("POST", "/redrive", { all: true })).toMatchObject({
      status: 200,
      body: { data: { redriven: 1, dead: 1, still_dead: [{ id: body.data[0].letter_id, reason: "unknown subject" }] } },
    });
    expect((await api("GET", "?status=redriven")).body.data).toHaveLength(1);
    expect(await api("POST", "/redrive", { all: true, ids: ["a"] })).toMatchObject({ status: 400 });
    expect(await api("POST", "/redrive", {})).toMatchObject({ status: 400 });
    expect(await api("GET", "?status=odd")).toMatchObject({ status: 400 });
  });
});
