import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { watched } from "../../../test/adapters/plans.ts";
import { recordStores } from "../../../test/adapters/record-stores.ts";
import type { Document, RecordStore, Write } from "../../record-store.ts";
import { GROUPINGS, SPANS } from "../../usage/figures.ts";
import { freshnessWrite } from "../../usage/marks.ts";
import { newAlert } from "../alert.ts";
import { insertOf } from "../episodes.ts";
import type { Observation } from "../observation.ts";
import type { RuleOf } from "../rules/rule.ts";
import { createAnomalyWatch } from "./watch.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

const HOUR = SPANS.hour.ms;
const DAY = SPANS.day.ms;
/** A Thursday, 12:00. */
const NOON = Date.parse("2026-03-19T12:00:00Z");
const tool = { server_name: "weather", tool_name: "forecast", method: "tools/call" };

const rule: RuleOf<"anomaly"> = {
  ...{ id: "anomaly", kind: "anomaly", severity: "info", sensitivity: "medium", learn_days: 14, min_days: 3 },
  of: ["volume", "new_tool", "new_hour", "error_ratio"],
};

const told = (observations: readonly Observation[]) =>
  observations.map(({ anomaly, subject }) => [anomaly, subject.tool_name ?? subject.server_name ?? subject.principal]);

describe.each(recordStores(uri))("anomalies in the figures of %s", (_name, open, available) => {
  let store: Awaited<ReturnType<typeof open>>;
  let scans: string[];
  let asked: RecordStore;

  const figures = (span: "hour" | "day", at: number, set: Document): Write => {
    const sums = { calls: 100, success: 98, error: 2, denied: 0, unknown: 0, ...set };
    const names = [...new Set(Object.values(GROUPINGS).flat())];
    const id = [span, at, set.grouping, ...names.map((name) => set[name])].join();
    return { collection: SPANS[span].collection, id, set: { timestamp: new Date(at), ...sums } };
  };
  const byAll = (span: "hour" | "day", at: number, set: Document): Write[] => {
    const { principal, server_name, tool_name, method, ...sums } = { principal: "ada", ...tool, ...set };
    return [
      figures(span, at, { grouping: "pair", principal, server_name, tool_name, method, ...sums }),
      figures(span, at, { grouping: "tool", server_name, tool_name, method, ...sums }),
      figures(span, at, { grouping: "principal", principal, ...sums }),
    ];
  };
  const freshTo = (at: number) => freshnessWrite({ minute: new Date(at), hour: new Date(at), day: new Date(at) });

  beforeAll(async () => {
    if (!available) return;
    store = await open();
    ({ store: asked, scans } = watched(store));
    const writes: Write[] = [];
    // Ada and Bob use one tool each from 8 to 17 o'clock, every day.
    for (let at = NOON - 16 * DAY - 12 * HOUR; at < NOON; at += HOUR) {
      const { length } = [8, 9, 10, 11, 12, 13, 14, 15, 16].filter((hour) => hour === new Date(at).getUTCHours());
      if (length === 0) continue;
      writes.push(...byAll("hour", at, {}), ...byAll("hour", at, { principal: "bob", tool_name: "alarms" }));
    }
    for (let at = NOON - 16 * DAY - 12 * HOUR; at < NOON - 12 * HOUR; at += DAY) {
      writes.push(...byAll("day", at, {}), ...byAll("day", at, { principal: "bob", tool_name: "alarms" }));
    }
    await store.apply(writes);
  });
  afterAll(() => store?.close());

  const look = async (at: number, watch = createAnomalyWatch(asked, rule)): Promise<Observation[]> => {
    const found = await watch.look(new Date(at));
    watch.kept();
    return found;
  };
  /** Everything that a start finds: it looks at the last three hours that are over too. */
  const lookThrough = async (at: number): Promise<Observation[]> => {
    const watch = createAnomalyWatch(asked, rule);
    const found = [];
    for (const n of [0, 1, 2, 3]) found.push(...(await look(at + n * 10_000, watch)));
    return found;
  };

  test.runIf(available)("there are none in a day like all others, and every question has its index", async () => {
    await store.apply([freshTo(NOON + 5 * 60_000)]);
    expect(await lookThrough(NOON + 5 * 60_000)).toEqual([]);
    expect(scans).toEqual([]);
  });

  test.runIf(available)("an hour is judged when its figures are there, once", async () => {
    const at = NOON + 30 * HOUR;
    await store.apply([
      ...byAll("hour", at - 2 * HOUR, { calls: 700, success: 200, error: 500 }),
      freshTo(at - HOUR + 59_000),
    ]);
    const watch = createAnomalyWatch(asked, rule);
    for (const n of [0, 1, 2, 3]) expect(told(await look(at - HOUR + 61_000 + n * 10_000, watch))).toEqual([]);
    await store.apply([freshTo(at - HOUR + 120_000)]);
    const found = [];
    for (const n of [0, 1, 2, 3]) found.push(...(await look(at - HOUR + 121_000 + n * 10_000, watch)));
    expect(told(found).toSorted()).toEqual([
      ["error_ratio", "ada"],
      ["error_ratio", "forecast"],
      ["volume", "ada"],
      ["volume", "forecast"],
    ]);
    const volume = found.find(({ anomaly, subject }) => anomaly === "volume" && subject.principal === "ada");
    expect(volume).toMatchObject({
      at: new Date(at - HOUR),
      sentence: expect.stringContaining("had 700 calls in the hour from 2026-03-20T16:00Z; about 100 are usual"),
      evidence: {
        calls: 700,
        usual: expect.closeTo(100),
        window: { from: new Date(at - 2 * HOUR), to: new Date(at - HOUR) },
      },
    });
    await store.apply(byAll("hour", at - 2 * HOUR, {}));
  });

  test.runIf(available)(
    "a tool that is new to a principal, or to all, is told of within a minute, and once",
    async () => {
      const at = NOON + 5 * 60_000;
      await store.apply([
        ...byAll("hour", NOON, { principal: "ada", tool_name: "alarms", calls: 1 }),
        ...byAll("hour", NOON, { principal: "bob", tool_name: "delete_all", calls: 1 }),
        ...byAll("hour", NOON, { principal: "ada", tool_name: "delete_all", calls: 1 }),
        // Nothing is known of who came today, and resources have addresses without end.
        ...byAll("hour", NOON, { principal: "eve", tool_name: "forecast", calls: 1 }),
        ...byAll("hour", NOON, { principal: "ada", tool_name: "file:///x", method: "resources/read", calls: 1 }),
      ]);
      const watch = createAnomalyWatch(asked, rule);
      const found = await look(at, watch);
      expect(told(found).toSorted()).toEqual([
        ["new_tool", "alarms"],
        ["new_tool", "delete_all"],
      ]);
      expect(found.find(({ subject }) => subject.tool_name === "alarms")?.subject).toEqual({
        principal: "ada",
        ...tool,
        tool_name: "alarms",
      });
      const toAll = found.find(({ subject }) => subject.tool_name === "delete_all");
      expect(toAll?.subject).toEqual({ ...tool, tool_name: "delete_all" });
      expect(toAll?.evidence.principals).toEqual(expect.arrayContaining(["ada", "bob"]));
      expect(told(await look(at + 61_000, watch))).toEqual([]);
    },
  );

  /** A watch over a record that refuses one of the next questions on these figures: `state` says which. */
  const aRefusedWatch = (collection: "usage_hours" | "usage_days") => {
    const state = { refused: 0 };
    const watch = createAnomalyWatch(
      {
        async aggregate(asking, pipeline) {
          if (asking === collection) state.refused -= 1;
          if (asking !== collection || state.refused !== 0) return store.aggregate(asking, pipeline);
          throw new Error("refused");
        },
      },
      rule,
    );
    return { watch, state };
  };

  test.runIf(available)("an hour that could not be judged is judged the next time", async () => {
    const at = NOON + 30 * HOUR;
    await store.apply([
      ...byAll("hour", at - 2 * HOUR, { calls: 700, success: 200, error: 500 }),
      freshTo(at - HOUR + 120_000),
    ]);
    const { watch, state } = aRefusedWatch("usage_hours");
    for (const n of [0, 1]) expect(told(await look(at - HOUR + 121_000 + n * 10_000, watch))).toEqual([]);
    state.refused = 1;
    await expect(watch.look(new Date(at - HOUR + 141_000))).rejects.toThrow("refused");
    watch.kept();
    expect(told(await look(at - HOUR + 151_000, watch))).toContainEqual(["volume", "ada"]);
    await store.apply(byAll("hour", at - 2 * HOUR, {}));
  });

  test.runIf(available)("a new tool that could not be judged is judged the next time", async () => {
    const { watch, state } = aRefusedWatch("usage_days");
    // Two are about the hour that is over.
    state.refused = 3;
    await expect(watch.look(new Date(NOON + 300_000))).rejects.toThrow("refused");
    watch.kept();
    const found: unknown[] = [];
    for (const n of [1, 2, 3, 4]) found.push(...told(await look(NOON + 300_000 + n * 10_000, watch)));
    expect(found).toContainEqual(["new_tool", "delete_all"]);
  });

  test.runIf(available)("what was not kept is found again", async () => {
    const watch = createAnomalyWatch(asked, rule);
    const first = told(await watch.look(new Date(NOON + 300_000)));
    expect(first).not.toEqual([]);
    expect(told(await watch.look(new Date(NOON + 361_000)))).toEqual(first);
  });

  test.runIf(available)(
    "work at an hour of the day that is new is told of, each night until it is normal",
    async () => {
      const night = NOON + 2 * DAY + 15 * HOUR;
      const ofHours = { ...rule, of: ["new_hour" as const] };
      await store.apply([
        figures("hour", night, { grouping: "principal", principal: "bob", calls: 9 }),
        figures("hour", night + DAY, { grouping: "principal", principal: "bob", calls: 9 }),
      ]);
      const lookAt = (at: number) => look(at, createAnomalyWatch(asked, ofHours));
      const [first] = await lookAt(night + 600_000);
      expect(first).toMatchObject({
        anomaly: "new_hour",
        subject: { principal: "bob" },
        evidence: { hour_of_day: 3, calls: 9 },
      });
      if (!first) throw new Error("nothing was found");
      const alert = newAlert(first, { episode: 1, webhooks: [], now: new Date(night) });
      await store.apply([insertOf(alert)]);
      expect(told(await lookAt(night + DAY + 600_000))).toEqual([["new_hour", "bob"]]);
      await store.apply([{ collection: "alerts", id: alert._id, set: { normal: true } }]);
      expect(told(await lookAt(night + DAY + 600_000))).toEqual([]);
      expect(scans).toEqual([]);
    },
  );
});
