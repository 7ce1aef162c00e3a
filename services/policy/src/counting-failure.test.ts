import { type Log, silentLog } from "@mcp-governance-bridge/shared";
import { describe, expect, test, vi } from "vitest";
import { aConcurrency, aCounting, aRule, aWindow, looking, taking } from "../test/a-counting.ts";

describe("row 70: without the counters, counting", () => {
  const away = (log?: Log) => {
    const all = aCounting(log);
    all.state.isAway = true;
    return all;
  };

  test("refuses by the first closed rule, and takes nothing of the others", async () => {
    const { counting } = away();
    const local = aRule(aWindow("local", 1), { onFailure: { local: 1 } });
    const refused = {
      refusal: {
        code: "counters_unavailable",
        rule: "limits.first",
        reason: "Governance error: the rate counters are not reachable",
      },
      counters: [],
      degraded: [],
      shadows: [],
      leases: [],
    };
    for (const options of [taking, looking]) {
      const limits = [local, aRule(aWindow("first", 9)), aRule(aWindow("second", 9))];
      expect(await counting.count(limits, options)).toEqual(refused);
    }
    expect(await counting.count([local], taking)).toMatchObject({ refusal: undefined });
  });

  test("leaves out open rules and says so, once for each rule", async () => {
    const { counting } = away();
    const limits = [
      aRule(aWindow("minute", 0), { rule: "limits.fair", onFailure: "open" }),
      aRule(aWindow("hour", 0), { rule: "limits.fair", onFailure: "open" }),
    ];
    expect(await counting.count(limits, taking)).toEqual({
      refusal: undefined,
      counters: [],
      degraded: [{ rule: "limits.fair", dependency: "counters", mode: "open" }],
      shadows: [],
      leases: [],
    });
  });

  test.each([
    { permits: 10, share: 0.25, cost: 1, calls: 2 },
    { permits: 3, share: 0.1, cost: 1, calls: 1 },
    { permits: 0, share: 1, cost: 1, calls: 0 },
    { permits: 10, share: 0.1, cost: 4, calls: 1 },
    { permits: 3, share: 0.5, cost: 4, calls: 0 },
  ])(
    "permits $calls calls here of cost $cost with $share of $permits permits",
    async ({ permits, share, cost, calls }) => {
      const { counting } = away();
      const limit = aRule(aWindow("minute", permits, cost), { onFailure: { local: share } });
      const degraded = [{ rule: "limits.minute", dependency: "counters", mode: "local" }];
      for (let call = 0; call < calls; call += 1) {
        expect(await counting.count([limit], looking)).toMatchObject({ refusal: undefined, degraded });
        expect(await counting.count([limit], taking)).toMatchObject({ refusal: undefined, degraded });
      }
      const { refusal, counters, ...rest } = await counting.count([limit], taking);
      expect(refusal).toMatchObject({ rule: "limits.minute" });
      expect(counters[0]).toMatchObject({ used: calls * cost });
      expect(counters[0]?.permits).toBeLessThanOrEqual(Math.max(permits * share, cost));
      expect(rest).toEqual({ degraded, shadows: [], leases: [] });
    },
  );

  test("tries nothing", async () => {
    const { counting } = away();
    const limits = [aRule(aWindow("tried", 0), { isShadow: true })];
    expect(await counting.count(limits, taking)).toMatchObject({ refusal: undefined, shadows: [], degraded: [] });
  });

  test("counts calls under way here, and gives back here what it gave", async () => {
    const { counting } = away();
    const limit = aRule(aConcurrency("calls", 2), { onFailure: { local: 0.5 } });
    const { leases } = await counting.count([limit], taking);
    expect(leases).toHaveLength(1);
    expect(await counting.count([limit], { ...taking, holder: "another" })).toMatchObject({
      refusal: { reason: "1 of calls" },
    });
    await counting.release(leases, "call");
    expect(await counting.count([limit], { ...taking, holder: "another" })).toMatchObject({ refusal: undefined });
  });

  test("logs once per outage, and counts for all again as soon as they are back", async () => {
    const warn = vi.fn();
    const { counting, state } = away({ ...silentLog, warn } as unknown as Log);
    const limits = [aRule(aWindow("minute", 2))];
    for (let call = 0; call < 3; call += 1) await counting.count(limits, taking);
    expect(warn).toHaveBeenCalledTimes(1);
    state.isAway = false;
    expect(await counting.count(limits, taking)).toMatchObject({ refusal: undefined, counters: [{ used: 0 }] });
    state.isAway = true;
    await counting.count(limits, taking);
    expect(warn).toHaveBeenCalledTimes(2);
  });

  test("gives back later what could not be given back at once, and what was taken though the answer was lost", async () => {
    const { counting, state, memory } = aCounting();
    const limit = aConcurrency("calls", 3);
    const { leases } = await counting.count([aRule(limit)], { ...taking, holder: "one" });
    state.losesAnswers = true;
    const open = aRule(limit, { onFailure: "open" });
    await counting.count([open], { ...taking, holder: "two" });
    state.isAway = true;
    await counting.release(leases, "one");
    expect(await memory.peek([limit])).toMatchObject({ used: [1] });
    Object.assign(state, { isAway: false, losesAnswers: false });
    await vi.waitFor(async () => expect(await memory.peek([limit])).toMatchObject({ used: [0] }), { timeout: 3_000 });
  });
});
