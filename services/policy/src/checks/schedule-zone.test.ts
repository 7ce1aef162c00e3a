import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS, MINUTES_OF_DAY, openZone } from "./schedule-zone.ts";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Africa/Casablanca",
  "America/Santiago",
  "Africa/Cairo",
  "Pacific/Apia",
  "Pacific/Chatham",
] as const;

/** In these years no zone has an offset with seconds. */
const instants = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2037, 11, 31) });
const zones = fc.constantFrom(...ZONES);

/** What Intl itself shows, as minutes since 1970. */
function shown(timeZone: string, instant: number): number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute) / MINUTE_MS;
}

describe("a time zone's clocks", () => {
  test("show what Intl shows, in any order of instants", () => {
    fc.assert(
      fc.property(zones, fc.array(instants, { minLength: 1, maxLength: 5 }), (name, some) => {
        const zone = openZone(name);
        for (const instant of some) expect(zone.localMinute(instant)).toBe(shown(name, instant));
      }),
      { numRuns: 500 },
    );
  });

  test("run on without a jump within a span, and jump at the end of one that is shorter than a day", () => {
    fc.assert(
      fc.property(zones, instants, fc.double({ min: 0, max: 1, noNaN: true }), (name, start, share) => {
        const zone = openZone(name);
        const { offsetMs, until } = zone.spanFrom(start);
        const within = start + Math.floor((until - 1 - start) * share);
        const local = (instant: number) => Math.floor((instant + offsetMs) / MINUTE_MS);
        expect(local(within)).toBe(shown(name, within));
        if (until < start + DAY_MS) expect(local(until)).not.toBe(shown(name, until));
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, string, [string, string]]>([
    ["a day of 23 hours", "Europe/Berlin", ["2026-03-29T12:00:00Z", "2026-03-29T22:00:00Z"]],
    ["a day of 25 hours", "Europe/Berlin", ["2026-10-25T00:30:00Z", "2026-10-25T23:00:00Z"]],
    ["a day that begins at one o'clock", "America/Santiago", ["2026-09-05T12:00:00Z", "2026-09-06T04:00:00Z"]],
    ["a day whose last hour comes twice", "America/Santiago", ["2026-04-05T02:30:00Z", "2026-04-05T04:00:00Z"]],
    ["a jump of half an hour", "Australia/Lord_Howe", ["2026-10-03T20:00:00Z", "2026-10-04T13:00:00Z"]],
    ["an offset of 5:45", "Asia/Kathmandu", ["2026-01-15T12:00:00Z", "2026-01-15T18:15:00Z"]],
    ["a day that is left out", "Pacific/Apia", ["2011-12-29T20:00:00Z", "2011-12-30T10:00:00Z"]],
  ])("reach the next midnight, or what comes instead of it: %s", (_what, name, [from, expected]) => {
    const zone = openZone(name);
    const instant = Date.parse(from);
    const midnight = (Math.floor(zone.localMinute(instant) / MINUTES_OF_DAY) + 1) * MINUTES_OF_DAY;
    expect(new Date(zone.instantOf(midnight, instant)).toISOString()).toBe(new Date(expected).toISOString());
  });

  test("are unknown in a zone that does not exist", () => {
    expect(() => openZone("Europe/Atlantis")).toThrow(RangeError);
  });
});
