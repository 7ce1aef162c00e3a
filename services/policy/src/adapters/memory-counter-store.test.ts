import { expect, test } from "vitest";
import { expectToCountAsTheModel } from "../../test/counter-model.ts";
import type { Limit } from "../counter-store.ts";
import { createMemoryCounterStore } from "./memory-counter-store.ts";

test("the memory counter store answers as a plain model of it does", async () => {
  let now = 0;
  const clock = () => now;
  const store = createMemoryCounterStore(clock, clock);
  const set = async (to: number) => {
    now = to;
  };
  await expectToCountAsTheModel({ store, set }, { unit: 1, numRuns: 1_000, group: "weather" });
});

test("the memory counter store still counts right after it has forgotten idle keys", async () => {
  let now = 0;
  const clock = () => now;
  const store = createMemoryCounterStore(clock, clock);
  const counted = (key: string) => ({ key, group: "weather", permits: 1 });
  const kinds: ((key: string) => Limit)[] = [
    (key) => ({ ...counted(key), kind: "window", windowMs: 100, cost: 1 }),
    (key) => ({ ...counted(key), kind: "quota", endsAt: key === "idle" ? 100 : 200_000, cost: 1 }),
    (key) => ({ ...counted(key), kind: "concurrent", leaseMs: key === "idle" ? 100 : 200_000 }),
  ];
  for (const limit of kinds) {
    now = 0;
    await store.take([limit("idle")], "call");
    now = 70_000;
    await store.take([limit("busy")], "call");
    for (let key = 0; key < 3_000; key += 1) await store.take([limit(`other-${key}`)], "call");
    expect(await store.take([limit("busy")], "another")).toMatchObject({ granted: false });
    expect(await store.take([limit("idle")], "another")).toMatchObject({ granted: true, used: [0] });
  }
});

test("the memory counter store forgets no permit that is taken in the turn in which it forgets idle keys", async () => {
  const store = createMemoryCounterStore(() => 0);
  const limit = (key: string): Limit => ({
    kind: "window",
    key,
    group: "weather",
    permits: 1,
    windowMs: 100,
    cost: 1,
  });
  await store.peek(Array.from({ length: 1_023 }, (_, index) => limit(`idle-${index}`)));
  expect((await store.take([limit("first"), limit("second")], "call")).granted).toBe(true);
  expect((await store.peek([limit("first")])).granted).toBe(false);
});
