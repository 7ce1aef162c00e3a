import { expect, test } from "vitest";
import type { Pending } from "./marks.ts";
import { createPace, SETTLE_MS } from "./pace.ts";

const start = new Date("2026-03-01T12:00:00Z");
const after = (ms: number): Date => new Date(start.getTime() + ms);
const pending = (more: Partial<Pending> = {}): Pending => ({
  span: "minute",
  start,
  recorders: [],
  ours: [],
  newest: after(0),
  isFromRecord: false,
  ...more,
});
const made = (pace: ReturnType<typeof createPace>, startedAt: Date, cost = 0) =>
  pace.made(pending(), { startedAt, endedAt: new Date(startedAt.getTime() + cost), asOf: startedAt });

test("what this process has never made is due at once", () => {
  expect(createPace().isDue(pending(), after(0))).toBe(true);
});

test("a minute under way is made again after ten seconds, if something came", () => {
  const pace = createPace();
  made(pace, after(1_000));
  const marked = pending({ recorders: ["x"], newest: after(2_000) });
  expect(pace.isDue(marked, after(10_900))).toBe(false);
  expect(pace.isDue(marked, after(11_000))).toBe(true);
});

test("what nobody marked anew waits until its mark has settled, and is made once more", () => {
  const pace = createPace();
  made(pace, after(60_000));
  const ours = pending({ newest: after(60_000), ours: ["x"] });
  expect(pace.isDue(ours, after(60_000 + SETTLE_MS - 1))).toBe(false);
  expect(pace.isDue(ours, after(60_000 + SETTLE_MS))).toBe(true);
  expect(pace.isSettled(ours, after(60_000 + SETTLE_MS))).toBe(true);
  expect(pace.isSettled(ours, after(60_000 + SETTLE_MS - 1))).toBe(false);
});

test("what costs three seconds to make is not made again within the next minute", () => {
  const pace = createPace();
  made(pace, after(60_000), 3_000);
  const marked = pending({ recorders: ["x"], newest: after(61_000) });
  expect(pace.isDue(marked, after(122_900))).toBe(false);
  expect(pace.isDue(marked, after(123_000))).toBe(true);
});

test("an hour under way is made once a minute, a day every ten minutes, and both at once when they are over", () => {
  const isDue = (span: "hour" | "day", startedAt: Date, now: Date) => {
    const pace = createPace();
    const hour = pending({ span, newest: startedAt });
    pace.made(hour, { startedAt, endedAt: startedAt, asOf: startedAt });
    return pace.isDue({ ...hour, newest: now }, now);
  };
  expect(isDue("hour", after(0), after(59_999))).toBe(false);
  expect(isDue("hour", after(0), after(60_000))).toBe(true);
  expect(isDue("day", after(0), after(599_999))).toBe(false);
  expect(isDue("day", after(0), after(600_000))).toBe(true);
  expect(isDue("hour", after(3_600_000), after(3_600_001))).toBe(true);
  expect(isDue("day", after(86_400_000), after(86_400_001))).toBe(true);
});

test("what was made long ago is forgotten only where it makes no difference", () => {
  const pace = createPace();
  made(pace, after(0));
  const ours = pending({ ours: ["x"] });
  pace.forget(after(10_000));
  expect(pace.asOf(ours)).toEqual(after(0));
  pace.forget(after(20_001));
  expect(pace.asOf(ours)).toBeUndefined();
});
