import fc from "fast-check";
import { expect, test } from "vitest";
import { SPANS } from "./figures.ts";
import { windowOf } from "./window.ts";

const now = new Date("2026-03-31T12:34:56Z");
const of = (hours: number, kept = {}) => windowOf({ hours }, { now, kept });
const at = (text: string): Date => new Date(text);

test("up to two hours are told by minutes, up to three days by hours, more by days, widened to whole ones", () => {
  expect(of(2)).toEqual({ span: "minute", from: at("2026-03-31T10:34:00Z"), to: at("2026-03-31T12:35:00Z") });
  expect(of(2.01)).toEqual({ span: "hour", from: at("2026-03-31T10:00:00Z"), to: at("2026-03-31T13:00:00Z") });
  expect(of(72)).toMatchObject({ span: "hour", from: at("2026-03-28T12:00:00Z") });
  expect(of(73)).toEqual({ span: "day", from: at("2026-03-28T00:00:00Z"), to: at("2026-04-01T00:00:00Z") });
  expect(windowOf({}, { now, kept: {} })).toEqual(of(24));
});

test("what is kept no longer is told by larger spans", () => {
  const anHour = { from: at("2026-03-20T10:00:00Z"), to: at("2026-03-20T11:00:00Z") };
  const spanOf = (kept: object) => windowOf(anHour, { now, kept }).span;
  expect(spanOf({})).toBe("minute");
  expect(spanOf({ usage_minutes: 7 })).toBe("hour");
  expect(spanOf({ usage_minutes: 7, usage_hours: 8 })).toBe("day");
});

test("a question that needs hours gets no minutes", () => {
  expect(windowOf({ hours: 1 }, { now, kept: {}, least: "hour" }).span).toBe("hour");
});

test("a window covers what is asked for, and less than a span more at each end", () => {
  const time = fc.date({ min: at("2025-06-01T00:00:00Z"), max: now, noInvalidDate: true });
  fc.assert(
    fc.property(time, time, (a, b) => {
      fc.pre(a < b);
      const { from, to, span } = windowOf({ from: a, to: b }, { now, kept: {} });
      const { ms } = SPANS[span];
      expect(a.getTime() - from.getTime()).toBeGreaterThanOrEqual(0);
      expect(a.getTime() - from.getTime()).toBeLessThan(ms);
      expect(to.getTime() - b.getTime()).toBeGreaterThanOrEqual(0);
      expect(to.getTime() - b.getTime()).toBeLessThan(ms);
      expect([from.getTime() % ms, to.getTime() % ms]).toEqual([0, 0]);
    }),
  );
});

test("a window that has not begun, and one of more than a year, are refused", () => {
  expect(() => windowOf({ from: at("2026-04-01T00:00:00Z") }, { now, kept: {} })).toThrow("from: must be before");
  expect(() => windowOf({ from: at("2020-01-01T00:00:00Z") }, { now, kept: {} })).toThrow("366 days");
});
