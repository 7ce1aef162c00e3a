import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { counterStores } from "../../test/counter-stores.ts";
import {
  type ConcurrencyLimit,
  type CounterStore,
  leaseOf,
  type QuotaLimit,
  type WindowLimit,
} from "../counter-store.ts";

const DAY_MS = 86_400_000;
const counted = () => ({ key: `contract-${randomUUID()}`, group: "contract", permits: 3 });

const aWindow = (part: Partial<WindowLimit> = {}): WindowLimit => ({
  ...counted(),
  kind: "window",
  windowMs: 5_000,
  cost: 1,
  ...part,
});
const aQuota = (part: Partial<QuotaLimit> = {}): QuotaLimit => ({
  ...counted(),
  kind: "quota",
  endsAt: Date.now() + DAY_MS,
  cost: 1,
  ...part,
});
const aConcurrency = (part: Partial<ConcurrencyLimit> = {}): ConcurrencyLimit => ({
  ...counted(),
  kind: "concurrent",
  leaseMs: 60_000,
  ...part,
});

for (const { name, open, isAvailable } of counterStores)
  describe.runIf(isAvailable)(`${name} counter store`, () => {
    let store: CounterStore;
    /** A second client of the same counters, where there can be one. */
    let replica: CounterStore;

    beforeAll(async () => {
      store = await open();
      replica = name === "memory" ? store : await open();
    });
    afterAll(async () => {
      await replica.close();
      await store.close();
    });

    test("grants as many permits as a window has, and says of the next when to come back", async () => {
      const limit = aWindow();
      for (let used = 0; used < 3; used += 1) {
        expect(await store.take([limit], "call")).toEqual({ granted: true, used: [used], trials: [] });
      }
      const refused = await store.take([limit], "call");
      expect(refused).toEqual({
        granted: false,
        used: [3],
        refusedBy: 0,
        retryAfterMs: expect.any(Number),
        trials: [],
      });
      const { retryAfterMs } = refused as { retryAfterMs: number };
      expect(retryAfterMs).toBeGreaterThan(3_000);
      expect(retryAfterMs).toBeLessThanOrEqual(5_000);
    });

    test("counts each key, each kind and each window of a key by itself", async () => {
      const limit = aWindow({ permits: 1 });
      const { key } = limit;
      await store.take([limit], "call");
      for (const other of [
        aWindow({ permits: 1 }),
        { ...limit, windowMs: 6_000 },
        aQuota({ key, permits: 1 }),
        aConcurrency({ key, permits: 1 }),
      ]) {
        expect(await store.take([other], "call")).toMatchObject({ granted: true, used: [0] });
      }
      expect(await store.take([limit], "call")).toMatchObject({ granted: false });
    });

    test("counts keys of any characters by themselves, whatever their groups", async () => {
      const names = ["", "}", "{", "a}:b", "\0", "☃ é", "a:b"];
      const limits = names.map((group) => aWindow({ group, key: `}${randomUUID()}`, permits: 1 }));
      for (const limit of limits) expect(await store.take([limit], "call")).toMatchObject({ granted: true });
      for (const limit of limits) expect(await store.take([limit], "call")).toMatchObject({ granted: false });
      const together = ["", "}", "a b"].map((key) => aConcurrency({ group: "}", key: `${key}${randomUUID()}` }));
      expect(await store.take(together, "call")).toMatchObject({ granted: true });
    });

    test("looks without taking", async () => {
      const limits = [aWindow({ permits: 1 }), aQuota({ permits: 1 }), aConcurrency({ permits: 1 })];
      for (let call = 0; call < 3; call += 1)
        expect(await store.peek(limits)).toEqual({ granted: true, used: [0, 0, 0] });
      await store.take(limits, "call");
      expect(await store.peek(limits)).toMatchObject({ granted: false, used: [1, 1, 1], refusedBy: 1 });
    });

    test("takes of all limits or of none, and names the one that makes wait longest", async () => {
      const [wide, short, long] = [aWindow(), aWindow({ permits: 1 }), aWindow({ permits: 1, windowMs: 60_000 })];
      await store.take([short, long], "call");
      expect(await store.take([wide, short, long], "call")).toMatchObject({ granted: false, refusedBy: 2 });
      expect(await store.take([wide, long, short], "call")).toMatchObject({ granted: false, refusedBy: 1 });
      for (let call = 0; call < 3; call += 1) expect(await store.take([wide], "call")).toMatchObject({ granted: true });
    });

    test("slides: a permit comes back when its own call is a window old, and a refused call delays nothing", async () => {
      const limit = aWindow({ permits: 2, windowMs: 400 });
      await store.take([limit], "call");
      await delay(200);
      await store.take([limit], "call");
      const refused = await store.take([limit], "call");
      expect(refused).toMatchObject({ granted: false, used: [2] });
      await delay((refused as { retryAfterMs: number }).retryAfterMs + 1);
      expect(await store.take([limit], "call")).toMatchObject({ granted: true });
      expect(await store.take([limit], "call")).toMatchObject({ granted: false, used: [2] });
    });

    test("tells a call that costs more when enough permits have left, not when the first has", async () => {
      const limit = aWindow({ windowMs: 2_000 });
      await store.take([limit], "call");
      await delay(300);
      await store.take([limit], "call");
      const refused = await store.take([{ ...limit, cost: 3 }], "call");
      expect((refused as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(1_750);
      const lowered = await store.take([{ ...limit, permits: 1 }], "call");
      expect((lowered as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(1_750);
    });

    test("promises nothing to a call that costs more than there is, and grants one that costs nothing", async () => {
      for (const limit of [aWindow({ cost: 4 }), aQuota({ cost: 4 }), aConcurrency({ permits: 0 })]) {
        expect(await store.take([limit], "call")).toMatchObject({ granted: false, retryAfterMs: undefined });
      }
      const free = [aWindow({ permits: 0, cost: 0 }), aQuota({ permits: 0, cost: 0 })];
      for (let call = 0; call < 2; call += 1) {
        expect(await store.take(free, "call")).toMatchObject({ granted: true, used: [0, 0] });
      }
    });

    test("row 59: as many calls hold a permit as there are, until they are released or their lease ends", async () => {
      const limit = aConcurrency({ permits: 2, leaseMs: 500 });
      await store.take([limit], "one");
      expect(await store.take([limit], "one")).toMatchObject({ granted: true, used: [1] });
      await replica.take([limit], "two");
      const refused = { granted: false, used: [2], refusedBy: 0, retryAfterMs: undefined };
      expect(await store.take([limit], "three")).toMatchObject(refused);
      expect(await store.take([limit], "one")).toMatchObject({ granted: true, used: [2] });
      for (let times = 0; times < 2; times += 1) await replica.release([leaseOf(limit)], "one");
      expect(await store.take([limit], "three")).toMatchObject({ granted: true, used: [1] });
      await delay(510);
      expect(await store.take([limit], "four")).toMatchObject({ granted: true, used: [0] });
    });

    test("takes trials by themselves, and only for a call that is granted", async () => {
      const [limit, full, wide] = [aWindow({ permits: 2 }), [aWindow({ permits: 0 }), aQuota()], [aQuota()]];
      expect(await store.take([limit], "call", [full, wide])).toMatchObject({
        granted: true,
        trials: [
          { granted: false, used: [0, 0], refusedBy: 0 },
          { granted: true, used: [0] },
        ],
      });
      expect(await store.take([limit], "call", [full, wide])).toMatchObject({
        trials: [{ used: [0, 0] }, { used: [1] }],
      });
      expect(await store.take([limit], "call", [full, wide])).toMatchObject({ granted: false, trials: [] });
      expect(await store.peek(wide)).toMatchObject({ used: [2] });
    });

    test("row 57: grants exactly the limits to calls that come at once through several clients", async () => {
      const limits = [aWindow({ permits: 30, cost: 3 }), aQuota({ permits: 11 }), aConcurrency({ permits: 12 })];
      const grants = await Promise.all(
        Array.from({ length: 100 }, (_, call) => (call % 2 === 0 ? store : replica).take(limits, `call-${call}`)),
      );
      expect(grants.filter(({ granted }) => granted)).toHaveLength(10);
      expect(await store.peek(limits)).toMatchObject({ used: [30, 10, 10] });
    });

    test("grants what has no limits, and refuses to release what is no lease", async () => {
      expect(await store.take([], "call")).toEqual({ granted: true, used: [], trials: [] });
      expect(await store.peek([])).toEqual({ granted: true, used: [] });
      await expect(store.release(["nonsense"], "call")).rejects.toThrow();
      await expect(store.release(['{"group":"a"}'], "call")).rejects.toThrow("no lease");
    });

    test("can be reached", async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });
  });
