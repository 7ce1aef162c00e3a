import { expect, test } from "vitest";
import { createInFlight } from "./in-flight.ts";

test("waits for the work under way, whether it succeeds or fails", async () => {
  const { track, drained } = createInFlight();
  let finish = () => {};
  const work = track(new Promise<void>((resolve) => (finish = resolve)));
  const failing = track(Promise.reject(new Error("no"))).catch(() => {});
  setTimeout(() => finish(), 30);
  expect(await drained(2_000)).toBe(0);
  await Promise.all([work, failing]);
});

test("waits no longer than its patience, and says what is left", async () => {
  const { track, drained } = createInFlight();
  void track(new Promise(() => {}));
  const began = performance.now();
  expect(await drained(50)).toBe(1);
  expect(performance.now() - began).toBeLessThan(500);
});
