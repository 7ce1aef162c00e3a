import { ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { schedule } from "./schedule.ts";
import { MINUTE_MS, openZone } from "./schedule-zone.ts";

type Settings = Partial<ServerPolicySettings>;

const settingsWith = (given: Settings) => ServerPolicySettings.parse(given);
const refusalAt = (given: Settings, at: string, zone = "UTC") =>
  schedule("weather", settingsWith(given), zone)(aRequest(), { now: new Date(at) });
const isOpenAt = (given: Settings, at: string, zone?: string) => refusalAt(given, at, zone) === undefined;

describe("allowed hours", () => {
  test("row 52: refuse a call outside them in the seed's words, and say when to come back", () => {
    expect(refusalAt({ allowed_hours: [6, 7, 8] }, "2026-01-15T19:30:00.000Z")).toEqual({
      code: "time_restriction",
      rule: "weather.allowed_hours",
      reason: "Access not allowed at hour 19. Allowed hours: [6, 7, 8]",
      retryAfterMs: 10.5 * 60 * MINUTE_MS,
    });
  });

  test.each([
    ["05:59", false],
    ["06:00", true],
    ["08:59", true],
    ["09:00", false],
  ])("row 52: are whole, the last one to its last minute: %s", (time, isOpen) => {
    expect(isOpenAt({ allowed_hours: [6, 7, 8] }, `2026-01-15T${time}:00Z`)).toBe(isOpen);
  });

  test("row 54: no hours deny all, and no waiting helps", () => {
    const refusal = refusalAt({ allowed_hours: [] }, "2026-01-15T12:00:00Z");
    expect(refusal?.reason).toBe("Access not allowed at hour 12. Allowed hours: []");
    expect(refusal).not.toHaveProperty("retryAfterMs");
  });

  test.each([
    ["Europe/Berlin", "2026-01-15T05:00:00Z", true],
    ["Europe/Berlin", "2026-07-15T05:00:00Z", false],
    ["America/New_York", "2026-01-15T11:59:00Z", true],
    ["Asia/Kathmandu", "2026-01-15T00:15:00Z", true],
    ["Asia/Kathmandu", "2026-01-15T00:14:00Z", false],
  ])("row 53: are those of the time zone: %s at %s", (zone, at, isOpen) => {
    expect(isOpenAt({ allowed_hours: [6] }, at, zone)).toBe(isOpen);
  });

  test("row 53: an hour that the clocks skip is never, one that they show twice is twice", () => {
    const second = { allowed_hours: [2] };
    const spring = ["00:59", "01:00", "01:59", "02:00"].map((time) => `2026-03-29T${time}:00Z`);
    expect(spring.map((at) => isOpenAt(second, at, "Europe/Berlin"))).toEqual([false, false, false, false]);
    const autumn = ["23:59", "00:00", "01:59", "02:00"].map((time, index) => `2026-10-${index ? 25 : 24}T${time}:00Z`);
    expect(autumn.map((at) => isOpenAt(second, at, "Europe/Berlin"))).toEqual([false, true, true, false]);
  });

  test("that are all allowed are no restriction, also next to a listed hour that comes twice", () => {
    const every = Array.from({ length: 24 }, (_, hour) => hour);
    expect(isOpenAt({ allowed_hours: [...every, 5] }, "2026-01-15T19:00:00Z")).toBe(true);
  });
});

describe("weekdays, times and dates", () => {
  test.each<{ settings: Settings; shown: string; reopens: string }>([
    {
      settings: { allowed_weekdays: ["mon", "tue"] },
      shown: "on sun (Europe/Berlin). Allowed weekdays: [mon, tue]",
      reopens: "2026-03-29T22:00:00Z",
    },
    {
      settings: { allowed_times: ["09:30-11:45", "22:00-06:00"] },
      shown: "at 14:05 (Europe/Berlin). Allowed times: [09:30-11:45, 22:00-06:00]",
      reopens: "2026-03-29T20:00:00Z",
    },
    {
      settings: { allowed_dates: ["2026-04-01", "2026-06-01/2026-06-30"] },
      shown: "on 2026-03-29 (Europe/Berlin). Allowed dates: [2026-04-01, 2026-06-01/2026-06-30]",
      reopens: "2026-03-31T22:00:00Z",
    },
    {
      settings: { blocked_dates: ["2026-03-28/2026-03-30"] },
      shown: "on 2026-03-29 (Europe/Berlin). Blocked dates: [2026-03-28/2026-03-30]",
      reopens: "2026-03-30T22:00:00Z",
    },
  ])("$settings refuse in words of their own and say when they end", ({ settings, shown, reopens }) => {
    const at = "2026-03-29T12:05:00Z";
    expect(refusalAt(settings, at, "Europe/Berlin")).toEqual({
      code: "time_restriction",
      rule: `weather.${Object.keys(settings)[0]}`,
      reason: `Access not allowed ${shown}`,
      retryAfterMs: Date.parse(reopens) - Date.parse(at),
    });
  });

  test.each<[string, string, boolean]>([
    ["09:30-17:45", "09:29", false],
    ["09:30-17:45", "09:30", true],
    ["09:30-17:45", "17:44", true],
    ["09:30-17:45", "17:45", false],
    ["22:00-06:00", "21:59", false],
    ["22:00-06:00", "23:59", true],
    ["22:00-06:00", "00:00", true],
    ["22:00-06:00", "06:00", false],
    ["22:00-24:00", "23:59", true],
    ["22:00-24:00", "00:00", false],
    ["22:00-00:00", "23:59", true],
    ["22:00-00:00", "00:00", false],
    ["00:00-24:00", "12:00", true],
  ])("%s at %s", (range, time, isOpen) => {
    expect(isOpenAt({ allowed_times: [range] }, `2026-01-15T${time}:00Z`)).toBe(isOpen);
  });

  test("must all hold", () => {
    const office: Settings = {
      allowed_hours: [8, 9, 10, 11],
      allowed_weekdays: ["mon"],
      allowed_times: ["08:30-10:30"],
      allowed_dates: ["2026-01-01/2026-01-31"],
      blocked_dates: ["2026-01-12"],
    };
    expect(isOpenAt(office, "2026-01-05T10:00:00Z")).toBe(true);
    expect(refusalAt(office, "2026-01-05T08:00:00Z")?.rule).toBe("weather.allowed_times");
    expect(refusalAt(office, "2026-01-06T10:00:00Z")?.rule).toBe("weather.allowed_weekdays");
    expect(refusalAt(office, "2026-02-02T10:00:00Z")?.rule).toBe("weather.allowed_dates");
    expect(refusalAt(office, "2026-01-12T10:00:00Z")?.rule).toBe("weather.blocked_dates");
  });

  test.each<Settings>([{ allowed_weekdays: [] }, { allowed_times: [] }, { allowed_dates: [] }])(
    "row 54: %j denies all",
    (settings) => {
      const refusal = refusalAt(settings, "2026-01-15T12:00:00Z");
      expect(refusal?.code).toBe("time_restriction");
      expect(refusal).not.toHaveProperty("retryAfterMs");
    },
  );

  test("that do not exist stop a schedule that nobody checked", () => {
    expect(() => schedule("weather", settingsWith({ blocked_dates: ["2026-02-30"] }), "UTC")).toThrow(
      "2026-02-30: 2026-02-30 is no date of the calendar",
    );
  });

  test("over a jump of the clocks, the first minute that they show again counts", () => {
    const nights = { allowed_times: ["02:15-02:45"] };
    const at = "2026-03-28T23:00:00Z";
    const waits = refusalAt(nights, at, "Europe/Berlin")?.retryAfterMs ?? 0;
    expect(new Date(Date.parse(at) + waits).toISOString()).toBe("2026-03-30T00:15:00.000Z");
  });
});

describe("a schedule", () => {
  const minutes = fc.integer({ min: 0, max: 1439 });
  const time = (minute: number) => new Date(minute * MINUTE_MS).toISOString().slice(11, 16);
  const range = fc
    .tuple(minutes, minutes)
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => `${time(from)}-${time(to)}`);
  const zone = fc.constantFrom(
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Cairo",
  );
  /** Near the jumps of 2026 and away from them. */
  const instants = fc
    .tuple(
      fc.constantFrom("2026-03-08", "2026-03-29", "2026-04-05", "2026-04-24", "2026-10-04", "2026-10-25"),
      fc.nat(3 * 1440),
    )
    .map(([day, minute]) => Date.parse(`${day}T00:00:00Z`) + (minute - 1440) * MINUTE_MS + 17);

  test("admits a time exactly when its hour is listed and a range holds it", () => {
    const settings = fc.record({
      allowed_hours: fc.array(fc.nat(23)),
      allowed_times: fc.array(range, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(settings, zone, instants, (given, name, at) => {
        const refusal = refusalAt(given, new Date(at).toISOString(), name);
        const shown = time(openZone(name).localMinute(at));
        const isHeld = given.allowed_times.some((text) => {
          const [from = "", to = ""] = text.split("-");
          return from < to ? from <= shown && shown < to : from <= shown || shown < to;
        });
        expect(refusal === undefined).toBe(given.allowed_hours.includes(Number(shown.slice(0, 2))) && isHeld);
      }),
      { numRuns: 500 },
    );
  });

  test("opens when it says so and not a minute before, over jumps of the clocks too", () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 3 }), zone, instants, (allowed_times, name, at) => {
        const check = schedule("weather", settingsWith({ allowed_times }), name);
        const ask = (instant: number) => check(aRequest(), { now: new Date(instant) });
        const refusal = ask(at);
        if (!refusal) return;
        const opens = at + (refusal.retryAfterMs ?? Number.NaN);
        for (let minute = at; minute < opens; minute += MINUTE_MS) {
          expect(ask(minute)?.retryAfterMs).toBe(opens - minute);
        }
        expect(ask(opens - 1)?.retryAfterMs).toBe(1);
        expect(ask(opens)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test("costs less than half a microsecond for a call", () => {
    const check = schedule("weather", settingsWith({ allowed_hours: [6, 7, 8] }), "Europe/Berlin");
    const request = aRequest();
    const facts = { now: new Date("2026-01-15T05:00:00Z") };
    const calls = 50_000;
    const rounds = Array.from({ length: 10 }, () => {
      const startedAt = performance.now();
      for (let call = 0; call < calls; call += 1) check(request, facts);
      return performance.now() - startedAt;
    });
    expect(Math.min(...rounds) / calls).toBeLessThan(0.000_5);
  });
});
