import type { Check } from "./check.ts";

/** Refuses calls outside whole hours of the day, 0 to 23, by the clock of the host; no hours refuse all. */
export function allowedHours(rule: string, hours: readonly number[]): Check {
  const allowed = new Set(hours);
  const listed = hours.join(", ");
  return (_request, { now }) => {
    const hour = now.getHours();
    if (allowed.has(hour)) return undefined;
    return {
      code: "time_restriction",
      rule,
      reason: `Access not allowed at hour ${hour}. Allowed hours: [${listed}]`,
    };
  };
}
