import { GovernanceError, silentLog } from "@mcp-governance-bridge/shared";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { aReceiver, type Receiver } from "../../test/a-receiver.ts";
import { watched } from "../../test/adapters/plans.ts";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { alertSettings } from "../../test/alert-settings.ts";
import { createTimerJobQueue } from "../adapters/timer-job-queue.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { Document, RecordStore, Write } from "../record-store.ts";
import type { Alert } from "./alert.ts";
import { createAlerts } from "./create-alerts.ts";
import { findAlert } from "./kept-alerts.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

const never = new AbortController().signal;
const START = Date.parse("2026-03-02T10:00:30Z");
const letters = { id: "letters", kind: "dead_letters" } as const;

describe.each(recordStores(uri))("alerts kept in %s", (_name, open, available) => {
  let store: Awaited<ReturnType<typeof open>>;
  let queues: JobQueue[];
  let pager: Receiver;
  let now: number;

  beforeAll(async () => {
    if (available) store = await open();
  });
  afterAll(() => store?.close());
  beforeEach(async () => {
    now = START;
    queues = [];
    pager = await aReceiver();
  });
  afterEach(async () => {
    await Promise.all(queues.map((queue) => queue.close()));
    await pager.close();
    if (!available) return;
    for (const collection of ["alerts", "dead_letters", "servers", "usage_minutes", "tool_logs"] as const) {
      const ids = (await store.aggregate(collection, [{ $project: { _id: 1 } }])).map(({ _id }) => String(_id));
      await store.remove(collection, ids);
    }
  });

  const fine = { waiting: 0, lagSeconds: 0, lastKeptAt: null };
  /** A replica of the tracker's alerts. */
  const aReplica = (rules: unknown[], { over = store, pipeline = async () => fine }: Partial<Options> = {}) => {
    const settings = alertSettings({ rules, webhooks: [pager.webhook] });
    const queue = createTimerJobQueue({ log: silentLog });
    queues.push(queue);
    // The test says when to evaluate.
    queue.every = () => undefined;
    const alerts = createAlerts({
      ...{ store: over, queue, log: silentLog, now: () => new Date(now), settings: () => settings },
      probes: { pipeline, unsealedSince: async () => null },
    });
    const started = alerts.start();
    const close = async (): Promise<void> => {
      await started.close();
      await queue.close();
    };
    return { ...alerts, close };
  };
  interface Options {
    over: RecordStore;
    pipeline(): Promise<{ waiting: number; lagSeconds: number | null; lastKeptAt: Date | null }>;
  }

  const after = (seconds: number): void => {
    now += seconds * 1_000;
  };
  const keep = (collection: Write["collection"], id: string, set: Document) => store.apply([{ collection, id, set }]);
  const aLetter = (status = "dead") =>
    keep("dead_letters", "letter", {
      status,
      subject: "governance.call.decided",
      reason: "no JSON",
      timestamp: new Date(now),
    });
  const kept = async (): Promise<Alert[]> =>
    (await store.aggregate("alerts", [{ $match: {} }, { $sort: { timestamp: 1, _id: 1 } }])) as Alert[];
  const toldTimes = (count: number) =>
    vi.waitFor(() => expect(pager.received).toHaveLength(count), { timeout: 10_000 });
  const settled = (id: string) =>
    vi.waitFor(async () => expect(await findAlert(store, id)).toMatchObject({ undelivered: false }), {
      timeout: 10_000,
    });

  test.runIf(available)("a webhook is told however many alerts wait for another one", async () => {
    const waiting = {
      ...{ webhook: "away", state: "firing", status: "pending", attempts: 3, first_at: new Date(now) },
    };
    const delivery = { ...waiting, next_at: new Date(now + 600_000), last_error: "not reached", delivered_at: null };
    const document = { status: "resolved", rule: "gone", deliveries: [delivery], undelivered: true, version: "1" };
    const writes = Array.from({ length: 450 }, (_, n): Write => {
      const set = { ...document, key: `key${n}`, timestamp: new Date(now - 600_000 + n) };
      return { collection: "alerts", id: `key${n}-1`, set };
    });
    await store.apply(writes);
    await aLetter();
    await aReplica([letters]).evaluate(never);
    await toldTimes(1);
  });

  test.runIf(available)("every question of an evaluation has its index", async () => {
    const { store: over, scans } = watched(store);
    const { rules } = alertSettings({});
    await aLetter();
    const alerts = aReplica(rules, { over });
    await alerts.evaluate(never);
    after(10);
    await alerts.evaluate(never);
    expect(alerts.report()?.failures).toEqual([]);
    expect(await kept()).toHaveLength(1);
    expect(scans).toEqual([]);
  });

  test.runIf(available)(
    "one episode is one alert, however often it is looked at, and another one is another",
    async () => {
      const alerts = aReplica([letters]);
      await aLetter();
      await alerts.evaluate(never);
      for (let n = 0; n < 3; n += 1) {
        after(10);
        await alerts.evaluate(never);
      }
      const [first, ...others] = await kept();
      expect(others).toEqual([]);
      expect(first).toMatchObject({
        ...{ rule: "letters", kind: "dead_letters", severity: "critical", status: "firing", count: 4, episode: 1 },
        ...{ timestamp: new Date(START), last_at: new Date(now), resolved_at: null },
        sentence:
          "1 message could not be recorded and must be looked at; the newest, of governance.call.decided, because: no JSON",
        evidence: { count: 1, links: ["/governance/dead-letters?status=dead"] },
      });
      await settled(String(first?._id));

      await aLetter("redriven");
      after(50);
      await alerts.evaluate(never);
      expect((await kept())[0], "not for long enough").toMatchObject({ status: "firing" });
      after(10);
      await alerts.evaluate(never);
      await toldTimes(2);
      await settled(String(first?._id));
      expect((await kept())[0]).toMatchObject({
        status: "resolved",
        resolution: "cleared",
        resolved_at: new Date(now),
      });

      await aLetter();
      after(10);
      await alerts.evaluate(never);
      await toldTimes(3);
      const ids = (await kept()).map(({ _id }) => _id);
      expect(ids).toEqual([first?._id, `${first?.key}-2`]);
      expect(pager.received.map(({ id }) => id)).toEqual([
        `${ids[0]}-firing`,
        `${ids[0]}-resolved`,
        `${ids[1]}-firing`,
      ]);
      expect(pager.received.every(({ isSigned }) => isSigned)).toBe(true);
      expect(pager.received[1]?.message).toMatchObject({
        type: "alert.resolved",
        data: { status: "resolved", rule: "letters" },
      });
      await settled(String(ids[1]));
    },
  );

  test.runIf(available)("replicas that evaluate at the same time raise one alert", async () => {
    const replicas = [aReplica([letters]), aReplica([letters]), aReplica([letters])];
    await aLetter();
    await Promise.all(replicas.map((replica) => replica.evaluate(never)));
    expect(await kept()).toHaveLength(1);
    const [{ _id = "" } = {}] = await kept();
    await settled(String(_id));
    expect(new Set(pager.received.map(({ id }) => id)).size).toBe(1);
  });

  test.runIf(available)("a receiver that refuses is told when it is back", async () => {
    const alerts = aReplica([letters]);
    pager.answer = { status: 503, headers: { "retry-after": "60" } };
    await aLetter();
    await alerts.evaluate(never);
    const deliveryOf = async () => (await kept())[0]?.deliveries[0];
    await vi.waitFor(async () => expect(await deliveryOf()).toMatchObject({ attempts: 1, last_error: "answered 503" }));
    after(59);
    await alerts.evaluate(never);
    expect(await deliveryOf(), "not before it wants").toMatchObject({ attempts: 1, next_at: new Date(START + 60_000) });
    pager.answer = { status: 200 };
    after(1);
    await alerts.evaluate(never);
    await vi.waitFor(async () =>
      expect(await deliveryOf()).toMatchObject({
        status: "delivered",
        attempts: 2,
        last_error: null,
        delivered_at: new Date(now),
      }),
    );
    expect(pager.received.map(({ id }) => id)).toEqual([pager.received[0]?.id, pager.received[0]?.id]);
  });

  test.runIf(available)("what was sent when the process died is sent again under the same id", async () => {
    let dies = true;
    const apply: RecordStore["apply"] = async (writes) => {
      if (dies && writes.some(({ set }) => "deliveries" in set)) throw new Error("killed");
      await store.apply(writes);
    };
    await aLetter();
    const first = aReplica([letters], { over: { ...store, apply } });
    await first.evaluate(never);
    await toldTimes(1);
    await first.close();
    dies = false;

    after(10);
    await aReplica([letters]).evaluate(never);
    await toldTimes(2);
    expect(pager.received[1]?.id).toBe(pager.received[0]?.id);
    const [alert] = await kept();
    await settled(String(alert?._id));
    expect((await kept())[0]?.deliveries).toMatchObject([{ status: "delivered" }]);
  });

  test.runIf(available)(
    "a record that is away raises an alert from memory, which is written when it is back",
    async () => {
      let isAway = false;
      const orAway = async <Result>(act: () => Promise<Result>): Promise<Result> => {
        if (isAway) throw new GovernanceError("store.unavailable", "away");
        return act();
      };
      const over: RecordStore = {
        ...store,
        ping: () => orAway(() => store.ping()),
        apply: (writes) => orAway(() => store.apply(writes)),
        aggregate: (collection, pipeline) => orAway(() => store.aggregate(collection, pipeline)),
      };
      const replicas = [1, 2].map(() =>
        aReplica([{ id: "recording", kind: "recording_stopped", after_seconds: 20 }], { over }),
      );
      const evaluate = async (): Promise<void> => {
        for (const replica of replicas) await replica.evaluate(never);
        after(10);
      };
      await evaluate();
      isAway = true;
      await evaluate();
      await evaluate();
      expect(pager.received, "not for long enough").toEqual([]);
      pager.answer = { status: 500 };
      await evaluate();
      await toldTimes(2);
      pager.answer = { status: 200 };
      await evaluate();
      await toldTimes(4);
      expect(new Set(pager.received.map(({ id }) => id)).size).toBe(1);
      expect(pager.received[0]?.message.data).toMatchObject({
        kind: "recording_stopped",
        sentence: expect.stringContaining("away"),
      });
      expect(await kept()).toEqual([]);

      isAway = false;
      await evaluate();
      const [alert, ...others] = await kept();
      expect(others).toEqual([]);
      expect(alert).toMatchObject({ episode: 1, status: "firing", deliveries: [{ status: "delivered", attempts: 2 }] });
      after(60);
      await evaluate();
      const types = () => new Set(pager.received.map(({ message }) => message.type));
      await vi.waitFor(() => expect(types()).toEqual(new Set(["alert.firing", "alert.resolved"])), { timeout: 10_000 });
      await settled(String(alert?._id));
    },
  );

  test.runIf(available)(
    "a pipeline that keeps nothing while facts wait has stopped; one that is behind is late",
    async () => {
      const rule = { id: "recording", kind: "recording_stopped", after_seconds: 60 };
      let state: Awaited<ReturnType<Options["pipeline"]>> = {
        waiting: 0,
        lagSeconds: 900,
        lastKeptAt: new Date(START),
      };
      const alerts = aReplica([rule], { pipeline: async () => state });
      const look = async (seconds: number): Promise<string[]> => {
        after(seconds);
        await alerts.evaluate(never);
        return (await kept()).map(({ sentence }) => sentence);
      };
      expect(await look(600), "idle").toEqual([]);
      state = { ...state, waiting: 1 };
      expect(await look(10), "a fact that just came").toEqual([]);
      state = { waiting: 1, lagSeconds: 1, lastKeptAt: new Date(now + 95_000) };
      expect(await look(100), "kept while others come").toEqual([]);
      state = { ...state, waiting: 40, lagSeconds: 1 };
      expect(await look(60)).toEqual([expect.stringContaining("nothing is kept while 40 wait")]);
    },
  );

  test.runIf(available)("an upstream that stays away is told of, a disabled one never", async () => {
    const alerts = aReplica([{ id: "down", kind: "upstream_down", after_seconds: 60 }]);
    const server = (name: string, set: Document) => keep("servers", name, { server_name: name, ...set });
    const away = (seconds: number) => ({ state: "disconnected", state_at: new Date(now - seconds * 1_000) });
    await server("weather", { ...away(55), state_reason: "exit 1" });
    await server("off", { ...away(600), state: "disabled" });
    await server("gone", { ...away(600), is_active: false });
    await server("fine", { ...away(600), state: "connected" });
    await alerts.evaluate(never);
    expect(await kept()).toEqual([]);
    // It is tried again and again, and the state is told anew each time.
    after(5);
    await server("weather", { ...away(1), state_reason: "exit 2" });
    await alerts.evaluate(never);
    expect(await kept()).toMatchObject([
      { subject: { server_name: "weather" }, evidence: { reason: "exit 2", seconds: 60 } },
    ]);
  });

  test.runIf(available)(
    "denials and failures of the window raise alerts, from figures and from what is not in them yet",
    async () => {
      const minute = (back: number) => new Date(Math.floor(now / 60_000) * 60_000 - back * 60_000);
      const figures = (id: string, set: Document) => keep("usage_minutes", id, set);
      const server = { grouping: "server", server_name: "weather", success: 10, error: 5 };
      const denials = { grouping: "rule", server_name: "weather", code: "rate_limit", rule: "r", calls: 6 };
      await figures("a", { ...server, timestamp: minute(2) });
      await figures("b", { ...denials, shadow: false, timestamp: minute(2) });
      await figures("c", { ...denials, shadow: true, timestamp: minute(2) });
      await figures("d", { ...denials, shadow: false, timestamp: minute(30) });
      // Figures of the last minute are behind: the record counts.
      await figures("e", { ...server, success: 0, error: 0, timestamp: minute(0) });
      await keep("usage_marks", minute(0).toISOString(), { timestamp: minute(0), marked_at: new Date(now) });
      const at = new Date(now - 1_000);
      for (const n of [1, 2, 3, 4, 5]) {
        await keep("tool_logs", `c${n}`, { server_name: "weather", status: "error", timestamp: at });
        await keep("governance_logs", `d${n}`, {
          server_name: "weather",
          decision: "denied",
          policy_violation: "hours",
          timestamp: at,
        });
      }
      const rules = [
        { id: "denials", kind: "violations", count: 11 },
        { id: "hours", kind: "violations", count: 6, codes: ["hours"] },
        { id: "rate", kind: "error_rate", percent: 50 },
        { id: "rate-high", kind: "error_rate", percent: 51 },
      ];
      await aReplica(rules).evaluate(never);
      await store.remove("usage_marks", [minute(0).toISOString()]);
      await store.remove(
        "governance_logs",
        [1, 2, 3, 4, 5].map((n) => `d${n}`),
      );
      const alerts = (await kept()).toSorted((one, other) => (one.rule < other.rule ? -1 : 1));
      expect(alerts).toMatchObject([
        { rule: "denials", evidence: { count: 11 }, subject: {} },
        { rule: "rate", evidence: { errors: 10, calls: 20 }, subject: { server_name: "weather" } },
      ]);
      expect(alerts[0]?.sentence).toContain("By code: rate_limit 6, hours 5.");
    },
  );

  test.runIf(available)(
    "a rule that is removed leaves no alert behind, and one that cannot be judged keeps its own",
    async () => {
      await aLetter();
      await aReplica([letters]).evaluate(never);
      await settled(String((await kept())[0]?._id));
      await aLetter("redriven");
      after(3_600);
      const over: RecordStore = {
        ...store,
        aggregate: (collection, pipeline) =>
          collection === "dead_letters" ? Promise.reject(new Error("a fault")) : store.aggregate(collection, pipeline),
      };
      const faulty = aReplica([letters], { over });
      await faulty.evaluate(never);
      expect(faulty.report()?.failures).toEqual([{ rule: "letters", reason: "a fault" }]);
      expect(await kept()).toMatchObject([{ status: "firing" }]);
      await aReplica([]).evaluate(never);
      expect(await kept()).toMatchObject([{ status: "resolved", resolution: "rule_removed" }]);
      await toldTimes(2);
    },
  );
});
