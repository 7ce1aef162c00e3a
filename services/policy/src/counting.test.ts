import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aConcurrency, aCounting, aRule, aWindow, looking, taking } from "../test/a-counting.ts";
import { leaseOf } from "./counter-store.ts";

describe("with the counters there, counting", () => {
  test("asks nothing where there are no limits", async () => {
    const { counting, asked } = aCounting();
    const nothing = { refusal: undefined, counters: [], degraded: [], shadows: [], leases: [] };
    expect(await counting.count([], taking)).toEqual(nothing);
    await counting.release([], "call");
    expect(asked).toEqual([]);
  });

  test("takes of all limits in one round trip, and tells what was in use and what the call holds", async () => {
    const { counting, asked } = aCounting();
    const concurrency = aConcurrency("calls");
    const limits = [aRule(aWindow("minute", 3)), aRule(concurrency)];
    await counting.count(limits, taking);
    expect(await counting.count(limits, { ...taking, holder: "another" })).toEqual({
      refusal: undefined,
      counters: [
        { rule: "limits.minute", used: 1, permits: 3 },
        { rule: "limits.calls", used: 1, permits: 5 },
      ],
      degraded: [],
      shadows: [],
      leases: [leaseOf(concurrency)],
    });
    expect(asked).toEqual(["take", "take"]);
  });

  test("refuses in the words of the limit that makes wait longest, and then nothing is held", async () => {
    const { counting } = aCounting();
    const limits = [aRule(aConcurrency("calls")), aRule(aWindow("none", 0)), aRule(aWindow("minute", 1))];
    const { refusal, counters, leases } = await counting.count(limits, taking);
    expect(refusal).toEqual({ code: "rate_limit", rule: "limits.none", reason: "0 of none" });
    expect(counters).toHaveLength(3);
    expect(leases).toEqual([]);
    await counting.count([aRule(aWindow("minute", 1))], taking);
    const { refusal: late } = await counting.count([aRule(aWindow("minute", 1))], looking);
    expect(late).toMatchObject({ rule: "limits.minute", reason: "1 of minute", retryAfterMs: 60_000 });
  });

  test("row 58: only looks for a call that is refused in any case, and asks no limit on trial", async () => {
    const { counting, memory, asked } = aCounting();
    const limits = [aRule(aWindow("minute", 1)), aRule(aWindow("tried", 0), { isShadow: true })];
    for (let call = 0; call < 3; call += 1) {
      expect(await counting.count(limits, looking)).toMatchObject({ refusal: undefined, shadows: [], leases: [] });
    }
    expect(asked).toEqual(["peek", "peek", "peek"]);
    expect(await memory.peek([aWindow("minute", 1)])).toMatchObject({ granted: true });
  });

  test("tries limits in the same round trip, each rule by itself, and only for a call that is permitted", async () => {
    const { counting, memory, asked } = aCounting();
    const calls = aConcurrency("calls");
    const limits = [
      aRule(aWindow("tight", 1), { isShadow: true, rule: "limits.tight" }),
      aRule(aConcurrency("held"), { isShadow: true, rule: "limits.tight" }),
      aRule(aWindow("minute", 2)),
      aRule(calls, { isShadow: true }),
    ];
    expect(await counting.count(limits, taking)).toMatchObject({ shadows: [] });
    expect(await counting.count(limits, { ...taking, holder: "another" })).toEqual({
      refusal: undefined,
      counters: [{ rule: "limits.minute", used: 1, permits: 2 }],
      degraded: [],
      shadows: [{ rule: "limits.tight", code: "rate_limit", reason: "1 of tight" }],
      leases: [leaseOf(calls)],
    });
    expect(await counting.count(limits, taking)).toMatchObject({ refusal: { rule: "limits.minute" }, shadows: [] });
    expect(asked).toEqual(["take", "take", "take"]);
    expect(await memory.peek([calls, aWindow("tight", 9)])).toMatchObject({ used: [2, 1] });
  });

  test("gives back what a call holds, once or twice", async () => {
    const { counting, memory } = aCounting();
    const limit = aConcurrency("calls", 1);
    const { leases } = await counting.count([aRule(limit)], taking);
    for (let times = 0; times < 2; times += 1) await counting.release(leases, "call");
    expect(await memory.peek([limit])).toMatchObject({ granted: true, used: [0] });
    await expect(counting.release(["nonsense"], "call")).rejects.toThrow();
  });

  test("comes to the same whatever is on trial", async () => {
    const aLimit = fc.record({ key: fc.constantFrom("a", "b", "c"), permits: fc.nat(3), isShadow: fc.boolean() });
    const aCall = fc.uniqueArray(aLimit, { selector: ({ key, isShadow }) => `${key}${isShadow}` });
    await fc.assert(
      fc.asyncProperty(fc.array(aCall, { maxLength: 12 }), async (calls) => {
        const [tried, plain] = [aCounting().counting, aCounting().counting];
        for (const call of calls) {
          const rules = call.map(({ key, permits, isShadow }) =>
            aRule(aWindow(isShadow ? `${key}-tried` : key, permits), { isShadow }),
          );
          const enforced = rules.filter(({ isShadow }) => !isShadow);
          const { shadows, ...rest } = await tried.count(rules, taking);
          expect({ ...rest, shadows: [] }).toEqual(await plain.count(enforced, taking));
        }
      }),
    );
  });
});
