import fc from "fast-check";
import { expect, test } from "vitest";
import { localTime } from "./local-time.ts";

const someInstant = fc.date({ min: new Date("1971-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });

test("local time in UTC is what JavaScript says of it", () => {
  fc.assert(
    fc.property(someInstant, (instant) => {
      expect(localTime(instant, "UTC")).toEqual({
        year: instant.getUTCFullYear(),
        month: instant.getUTCMonth() + 1,
        day: instant.getUTCDate(),
        weekday: instant.getUTCDay(),
        dayOfYear: Math.floor((instant.getTime() - Date.UTC(instant.getUTCFullYear(), 0, 1)) / 86_400_000),
        hour: instant.getUTCHours(),
        minute: instant.getUTCMinutes(),
        second: instant.getUTCSeconds(),
        millisecond: instant.getUTCMilliseconds(),
      });
    }),
  );
});

test.each([
  ["Europe/Berlin", "2026-03-29T00:59:59Z", 1],
  ["Europe/Berlin", "2026-03-29T01:00:00Z", 3],
  ["Europe/Berlin", "2026-10-25T00:30:00Z", 2],
  ["Europe/Berlin", "2026-10-25T01:30:00Z", 2],
  ["America/New_York", "2026-03-08T07:00:00Z", 3],
])("clocks in %s at %s show the hour %i", (timeZone, instant, hour) => {
  expect(localTime(new Date(instant), timeZone).hour).toBe(hour);
});
