import { randomUUID } from "node:crypto";
import { silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { watched } from "../../test/adapters/plans.ts";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { temporarySigner } from "../audit/signer.ts";
import type { Collection, Document, RecordStore, Write } from "../record-store.ts";
import { createRecorder } from "../recorder.ts";
import { readFreshness } from "./marks.ts";
import { createRollup } from "./rollup.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

const START = Date.parse("2026-03-01T10:59:00Z");
const never = new AbortController().signal;

describe.each(recordStores(uri))("figures in %s", (_name, open, available) => {
  let store: Awaited<ReturnType<typeof open>>;
  let time: number;
  beforeEach(async () => {
    time = START + 30_000;
    if (available) store = await open();
  });
  afterEach(() => store?.close());

  const now = (): Date => new Date(time);
  const aRollup = (more: Partial<Parameters<typeof createRollup>[0]> = {}) =>
    createRollup({ store, retention: () => ({}), log: silentLog, now, ...more });
  /** Until nothing is left to do, and well beyond. */
  const settle = async (rollup = aRollup()): Promise<void> => {
    for (let run = 0; run < 4; run++) {
      await rollup.run(never);
      time += 3_600_000;
    }
  };
  const figures = (collection: Collection, grouping: string) =>
    store.aggregate(collection, [{ $match: { grouping } }, { $sort: { timestamp: 1, _id: 1 } }]);
  const marks = () => store.aggregate("usage_marks", [{ $match: { marked_at: { $gt: new Date(0) } } }]);
  const calls = async (collection: Collection) => (await figures(collection, "server")).map((one) => one.calls);

  /** One that has marks at once, and the rest when figures have been made for a minute. */
  const slowStore = (): Pick<RecordStore, "aggregate" | "apply"> => ({
    aggregate: store.aggregate,
    async apply(writes) {
      const isMark = ({ collection }: Write): boolean => collection === "usage_marks";
      await store.apply(writes.filter(isMark));
      const rest = writes.filter((write) => !isMark(write));
      if (rest.length === 0) return;
      if (rest.some(({ collection }) => collection === "tool_logs")) await settle();
      await store.apply(rest);
    },
  });

  const mark = (at: number): Write => {
    const timestamp = new Date(at - (at % 60_000));
    const since = { field: "marked_at", at: now() };
    return {
      collection: "usage_marks",
      id: timestamp.toISOString(),
      set: { timestamp, marked_at: now() },
      since,
    };
  };
  const aCall = (at: number, more: Document = {}): Write => ({
    collection: "tool_logs",
    id: randomUUID(),
    set: {
      timestamp: new Date(at),
      server_name: "files",
      tool_name: "read",
      method: "tools/call",
      principal: "ada",
      status: "success",
      duration_ms: 10,
      ...more,
    },
  });
  const aDecision = (at: number, more: Document = {}): Write => ({
    collection: "governance_logs",
    id: randomUUID(),
    set: {
      timestamp: new Date(at),
      server_name: "files",
      tool_name: "read",
      principal: "ada",
      decision: "denied",
      rule: "files.rate_limit",
      policy_violation: "rate_limit",
      shadows: [],
      ...more,
    },
  });
  const keep = async (...writes: Write[]): Promise<void> => {
    await store.apply(writes);
    await store.apply(writes.map(({ set }) => mark((set.timestamp as Date).getTime())));
  };

  test.runIf(available)("are counted by server, tool, principal, pair and rule, in each span", async () => {
    const second = START + 60_000;
    await keep(
      aCall(START, { input_size: 4, output_size: 6, gateway_ms: 1, policy_ms: 2, upstream_ms: 7 }),
      aCall(START + 59_999, { principal: "bob", status: "error", duration_ms: 30 }),
      aCall(second, { tool_name: "write", status: "denied", denial: { code: "rate_limit" } }),
      aCall(second, { server_name: "web", counted: false }),
      aDecision(second),
      aDecision(second, { decision: "allowed", rule: null, policy_violation: null }),
      aDecision(second, {
        decision: "allowed",
        rule: "policies.allow-reads",
        policy_violation: null,
        shadows: [{ rule: "policies.trial", revision: "r2", code: "policy_rule", reason: "no" }],
      }),
    );
    await settle();

    const of = async (collection: Collection, grouping: string, ...names: string[]) =>
      (await figures(collection, grouping)).map((one) => names.map((name) => one[name]));
    expect(await calls("usage_minutes")).toEqual([2, 1]);
    expect(await calls("usage_hours")).toEqual([2, 1]);
    expect(await calls("usage_days")).toEqual([3]);
    expect((await of("usage_days", "tool", "tool_name", "calls", "denied")).sort()).toEqual([
      ["read", 2, 0],
      ["write", 1, 1],
    ]);
    expect((await of("usage_days", "pair", "principal", "tool_name", "calls")).sort()).toEqual([
      ["ada", "read", 1],
      ["ada", "write", 1],
      ["bob", "read", 1],
    ]);
    expect(await of("usage_minutes", "pair", "calls")).toEqual([]);
    expect((await of("usage_days", "principal", "principal", "calls")).sort()).toEqual([
      ["ada", 2],
      ["bob", 1],
    ]);
    expect((await of("usage_days", "rule", "rule", "code", "shadow", "calls", "denied", "principals")).sort()).toEqual([
      ["files.rate_limit", "rate_limit", false, 1, 1, ["ada"]],
      ["policies.trial", "policy_rule", true, 1, 0, ["ada"]],
    ]);
    expect((await of("usage_days", "permit", "rule", "calls")).sort()).toEqual([
      [null, 1],
      ["policies.allow-reads", 1],
    ]);
    const [day] = await figures("usage_days", "server");
    expect(day).toMatchObject({
      timestamp: new Date("2026-03-01T00:00:00Z"),
      success: 1,
      error: 1,
      denied: 1,
      duration: { count: 2, sum: 40, min: 10, max: 30 },
      timed: 1,
      upstream_ms: 7,
      input_chars: 4,
      output_chars: 6,
      denials: [{ code: "rate_limit", count: 1 }],
      last_at: new Date(second),
    });
    expect(await marks()).toEqual([]);
  });

  test.runIf(available)(
    "do not count twice what is delivered twice, and are corrected by what comes late",
    async () => {
      const call = aCall(START, { status: "invocation request received", duration_ms: null });
      await keep(call);
      const rollup = aRollup();
      await settle(rollup);
      expect(await figures("usage_days", "server")).toMatchObject([{ calls: 1, unknown: 1, success: 0 }]);

      const end = { ...call, set: { ...call.set, status: "success", duration_ms: 5 } };
      await keep(end, end);
      await settle(rollup);
      await keep(end);
      await settle(rollup);
      for (const collection of ["usage_minutes", "usage_hours", "usage_days"] as const) {
        expect(await figures(collection, "server")).toMatchObject([{ calls: 1, unknown: 0, success: 1 }]);
      }
    },
  );

  test.runIf(available)("of what is there no more are gone", async () => {
    const call = aCall(START, { tool_name: "mistaken" });
    await keep(call, aCall(START));
    const rollup = aRollup();
    await settle(rollup);
    expect(await figures("usage_days", "tool")).toHaveLength(2);
    await store.remove("tool_logs", [call.id]);
    await store.apply([mark(START)]);
    await settle(rollup);
    expect(await figures("usage_minutes", "tool")).toMatchObject([{ tool_name: "read" }]);
    expect(await figures("usage_days", "tool")).toMatchObject([{ tool_name: "read" }]);
  });

  test.runIf(available)("survive the raw record, and are not emptied when its minutes are marked again", async () => {
    const call = aCall(START);
    await keep(call);
    const rollup = aRollup({ retention: () => ({ tool_logs: 1 }) });
    await settle(rollup);
    await store.remove("tool_logs", [call.id]);
    time = START + 25 * 3_600_000;
    await store.apply([mark(START)]);
    await settle(rollup);
    expect(await calls("usage_minutes")).toEqual([1]);
    expect(await calls("usage_days")).toEqual([1]);
    expect(await marks()).toEqual([]);
  });

  test.runIf(available)("lack nothing after a run that was cut off anywhere", async () => {
    await keep(aCall(START), aDecision(START));
    let left = 0;
    const fragile = (): Pick<RecordStore, "aggregate" | "apply" | "remove"> => {
      const step =
        <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) =>
        (...args: Args): Promise<Result> =>
          left-- > 0 ? act(...args) : Promise.reject(new Error("cut off"));
      return { aggregate: step(store.aggregate), apply: step(store.apply), remove: step(store.remove) };
    };
    for (let steps = 0; steps < 60; steps += 3) {
      left = steps;
      await keep(aCall(START));
      await aRollup({ store: fragile() })
        .run(never)
        .catch(() => undefined);
      time += 1_000;
    }
    await settle();
    expect(await calls("usage_minutes")).toEqual([21]);
    expect(await calls("usage_hours")).toEqual([21]);
    expect(await calls("usage_days")).toEqual([21]);
    expect(await marks()).toEqual([]);
  });

  test.runIf(available)("are made of what was recorded before there were any, also when that is cut off", async () => {
    time = START + 60_000;
    const daysAgo = (days: number): number => START - days * 86_400_000;
    const old = [
      aCall(daysAgo(6)),
      aDecision(daysAgo(5)),
      aCall(daysAgo(5) + 5_400_000),
      aCall(daysAgo(0.5)),
      aCall(START),
    ];
    await store.apply(old);
    const retention = () => ({ usage_minutes: 1 });
    for (let runs = 0; runs < 4; runs++) {
      const stopping = new AbortController();
      setTimeout(() => stopping.abort(new Error("stop")), 30);
      await aRollup({ retention })
        .run(stopping.signal)
        .catch(() => undefined);
    }
    const rollup = aRollup({ retention });
    await rollup.run(never);
    expect(await calls("usage_minutes")).toEqual([1, 1]);
    expect(await calls("usage_hours")).toEqual([1, 1, 1, 1]);
    expect(await calls("usage_days")).toEqual([1, 1, 1, 1]);
    expect(await figures("usage_days", "rule")).toMatchObject([{ calls: 1 }]);
    await keep(aCall(daysAgo(0.5) - 60_000));
    await settle(rollup);
    expect(await calls("usage_hours")).toEqual([1, 1, 2, 1]);
  });

  test.runIf(available)(
    "have calls that are told when their minutes are too old, as long as the record has all",
    async () => {
      const rollup = aRollup({ retention: () => ({ usage_minutes: 1, tool_logs: 30 }) });
      const daysAgo = (days: number): number => START - days * 86_400_000;
      await keep(aCall(daysAgo(5)));
      await rollup.run(never);
      await keep(aCall(daysAgo(5) + 1_000), aCall(daysAgo(5) - 60_000), aCall(daysAgo(31)));
      await settle(rollup);
      expect(await calls("usage_minutes")).toEqual([]);
      expect(await calls("usage_hours")).toEqual([3]);
      expect(await calls("usage_days")).toEqual([3]);
      expect(await marks()).toEqual([]);
    },
  );

  /** A rollup that keeps minutes for a day, half an hour after the first of them went from the hour of START. */
  const withOldMinutes = async (more: Partial<Parameters<typeof createRollup>[0]> = {}) => {
    const hour = START - (START % 3_600_000);
    time = hour + 86_400_000 + 1_800_000;
    const rollup = aRollup({ retention: () => ({ usage_minutes: 1 }), ...more });
    await rollup.run(never);
    return { rollup, tooOld: hour + 600_000, lastOfHour: hour + 3_540_000 };
  };

  test.runIf(available)("keep calls whose minutes are too old when a later minute of their hour is made", async () => {
    const { rollup, tooOld, lastOfHour } = await withOldMinutes();
    await keep(aCall(tooOld), aCall(lastOfHour));
    for (let run = 0; run < 8; run++) {
      await rollup.run(never);
      time += 20_000;
    }
    expect(await marks()).toEqual([]);
    expect(await calls("usage_hours")).toEqual([2]);
    await keep(aCall(lastOfHour));
    for (let run = 0; run < 8; run++) {
      await rollup.run(never);
      expect(await calls("usage_hours")).toEqual([3]);
      time += 20_000;
    }
    expect(await calls("usage_days")).toEqual([3]);
    expect(await marks()).toEqual([]);
  });

  test.runIf(available)("keep calls whose minutes are too old when a run takes long", async () => {
    let stepMs = 0;
    const slowly = (): Date => {
      time += stepMs;
      return now();
    };
    const { rollup, tooOld, lastOfHour } = await withOldMinutes({ now: slowly });
    await keep(aCall(tooOld), aCall(lastOfHour));
    stepMs = 3_000;
    for (let run = 0; run < 15; run++) await rollup.run(never);
    stepMs = 0;
    for (let run = 0; run < 4; run++) {
      time += 60_000;
      await rollup.run(never);
    }
    expect(await calls("usage_minutes")).toEqual([1]);
    expect(await calls("usage_hours")).toEqual([2]);
    expect(await calls("usage_days")).toEqual([2]);
    expect(await marks()).toEqual([]);
  });

  test.runIf(available)("claim no time at which a call was on record that they lack", async () => {
    await store.apply([mark(START)]);
    const rollup = aRollup();
    const first = now();
    await rollup.run(never);
    time += 1_000;
    await store.apply([aCall(START)]);
    time += 1_000;
    await rollup.run(never);
    expect(await calls("usage_minutes")).toEqual([]);
    expect(await readFreshness(store)).toEqual({ minute: first, hour: first, day: first });
    await settle(rollup);
    expect(await calls("usage_days")).toEqual([1]);
    expect((await readFreshness(store)).day?.getTime()).toBeGreaterThan(first.getTime());
  });

  test.runIf(available)("have calls that are kept long after their mark is seen", async () => {
    const recorder = createRecorder({ store: slowStore(), signer: temporarySigner(), log: silentLog, now });
    const call = { ...aCall(START), fact: { part: "decided", at: new Date(START) } };
    try {
      await recorder.record([call, mark(START)]);
    } finally {
      await recorder.close();
    }
    await settle();
    expect(await calls("usage_days")).toEqual([1]);
  });

  test.runIf(available)("have what is marked while they are made", async () => {
    await keep(aCall(START));
    let isFirst = true;
    const aggregate: RecordStore["aggregate"] = async (collection, pipeline) => {
      const found = await store.aggregate(collection, pipeline);
      if (JSON.stringify(pipeline).includes("duration_ms") && isFirst) {
        isFirst = false;
        await keep(aCall(START));
      }
      return found;
    };
    await settle(aRollup({ store: { ...store, aggregate } }));
    expect(await calls("usage_days")).toEqual([2]);
  });

  test.runIf(available)("have a call whose mark is seen before the call itself", async () => {
    await store.apply([mark(START)]);
    const rollup = aRollup();
    await rollup.run(never);
    await store.apply([aCall(START)]);
    await settle(rollup);
    expect(await calls("usage_days")).toEqual([1]);
  });

  test.runIf(available)("are right when two processes make them at once", async () => {
    const rollups = [aRollup(), aRollup(), aRollup()];
    for (let round = 0; round < 5; round++) {
      await keep(aCall(START + round), aCall(START + 60_000 + round));
      await Promise.all(rollups.map((rollup) => rollup.run(never)));
      time += 4_000;
    }
    await settle();
    expect(await calls("usage_minutes")).toEqual([5, 5]);
    expect(await calls("usage_days")).toEqual([10]);
    expect(await marks()).toEqual([]);
  });

  test.runIf(available)("say up to when they have everything on record", async () => {
    const rollup = aRollup();
    expect(await readFreshness(store)).toEqual({ minute: null, hour: null, day: null });
    await keep(aCall(START));
    const first = now();
    await rollup.run(never);
    expect(await readFreshness(store)).toEqual({ minute: first, hour: first, day: first });

    time += 2_000;
    await keep(aCall(START));
    time += 1_000;
    await rollup.run(never);
    expect(await readFreshness(store)).toEqual({ minute: first, hour: first, day: first });

    time += 10_000;
    const third = now();
    await rollup.run(never);
    expect(await readFreshness(store)).toEqual({ minute: third, hour: first, day: first });
    await settle(rollup);
    expect((await readFreshness(store)).day?.getTime()).toBeGreaterThan(third.getTime());
  });

  test.runIf(available)("are made without reading the whole of a collection", async () => {
    const { store: asked, scans } = watched(store);
    await keep(aCall(START), aDecision(START));
    await settle(aRollup({ store: asked }));
    expect(await calls("usage_days")).toEqual([1]);
    expect(scans).toEqual([]);
  });

  test.runIf(available)("are left for later when the process is to stop", async () => {
    await keep(aCall(START), aCall(START + 60_000));
    await expect(aRollup().run(AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
    await settle();
    expect(await calls("usage_days")).toEqual([2]);
  });

  test.runIf(available)("are of every call where there are more than one page of them", async () => {
    // Several in one millisecond, so that pages end between calls of the same time.
    const writes = Array.from({ length: 1_234 }, (_, n) => aCall(START + Math.floor(n / 7)));
    await keep(...writes);
    await aRollup().run(never);
    expect(await calls("usage_minutes")).toEqual([1_234]);
  });
});
