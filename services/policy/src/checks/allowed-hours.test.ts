import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { allowedHours } from "./allowed-hours.ts";

const at = (hour: number, minute = 0) => ({ now: new Date(2026, 0, 15, hour, minute) });

describe("allowed hours", () => {
  const check = allowedHours("weather.allowed_hours", [6, 7, 8]);

  test("refuse a call outside them in the seed's words", () => {
    expect(check(aRequest(), at(19))).toEqual({
      code: "time_restriction",
      rule: "weather.allowed_hours",
      reason: "Access not allowed at hour 19. Allowed hours: [6, 7, 8]",
    });
  });

  test.each([
    [5, 59, false],
    [6, 0, true],
    [8, 59, true],
    [9, 0, false],
  ])("are whole, the last one to its last minute: %i:%i", (hour, minute, isAllowed) => {
    expect(check(aRequest(), at(hour, minute)) === undefined).toBe(isAllowed);
  });

  test("refuse every call when there are none", () => {
    const never = allowedHours("weather.allowed_hours", []);
    expect(never(aRequest(), at(12))?.reason).toBe("Access not allowed at hour 12. Allowed hours: []");
  });

  test("allow an hour exactly when it is listed", () => {
    const hour = fc.integer({ min: 0, max: 23 });
    fc.assert(
      fc.property(fc.array(hour), hour, fc.integer({ min: 0, max: 59 }), (hours, now, minute) => {
        const refusal = allowedHours("weather.allowed_hours", hours)(aRequest(), at(now, minute));
        expect(refusal === undefined).toBe(hours.includes(now));
      }),
    );
  });
});
