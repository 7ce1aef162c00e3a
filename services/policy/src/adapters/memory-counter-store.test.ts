import fc from "fast-check";
import { expect, test } from "vitest";
import type { Grant, Limit } from "../counter-store.ts";
import { createMemoryCounterStore } from "./memory-counter-store.ts";

const WINDOW_MS = 100;

const limit = (permits: number): Limit => ({ key: "weather", permits, windowMs: WINDOW_MS });

/** Every permit ever taken, and no cleverness. */
function modelOf(permits: number) {
  const taken: number[] = [];
  const peek = (now: number): Grant => {
    const inUse = taken.filter((time) => time > now - WINDOW_MS);
    if (inUse.length < permits) return { granted: true };
    return { granted: false, limit: limit(permits), used: inUse.length, retryAfterMs: inUse[0]! + WINDOW_MS - now };
  };
  const take = (now: number): Grant => {
    const grant = peek(now);
    if (grant.granted) taken.push(now);
    return grant;
  };
  return { peek, take };
}

test("the memory counter store grants N permits in any window, no more and no fewer", async () => {
  const step = fc.record({ after: fc.integer({ min: 0, max: 60 }), ask: fc.constantFrom("take", "peek") });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), async (permits, steps) => {
      let now = 0;
      const store = createMemoryCounterStore(() => now);
      const model = modelOf(permits);
      for (const { after, ask } of steps) {
        now += after;
        expect(await store[ask]([limit(permits)])).toEqual(model[ask](now));
      }
    }),
    { numRuns: 500 },
  );
});

test("the memory counter store still counts right after it has forgotten idle keys", async () => {
  let now = 0;
  const store = createMemoryCounterStore(() => now);
  const take = (key: string) => store.take([{ key, permits: 1, windowMs: WINDOW_MS }]);
  await take("idle");
  now += WINDOW_MS;
  await take("busy");
  for (let key = 0; key < 3_000; key += 1) await take(`other-${key}`);
  expect(await take("busy")).toMatchObject({ granted: false });
  expect(await take("idle")).toEqual({ granted: true });
});
