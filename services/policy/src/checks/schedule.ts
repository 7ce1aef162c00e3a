import type { ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";
import type { Check, Refusal } from "./check.ts";
import { findReopening } from "./schedule-reopening.ts";
import { daySettings, minuteSettings, type Setting } from "./schedule-settings.ts";
import { MINUTE_MS, MINUTES_OF_DAY, openZone } from "./schedule-zone.ts";

type Objection = Pick<Refusal, "code" | "rule" | "reason">;

/**
 * Refuses calls at times that a setting does not admit, by the clocks of the zone, and says how long it is until all settings admit
 * calls again, where that is within a year. Throws where `scheduleProblems` finds something.
 */
export function schedule(prefix: string, settings: ServerPolicySettings, timeZone: string): Check {
  const byMinute = minuteSettings(settings, timeZone);
  const byDay = daySettings(settings, timeZone);
  if (byMinute.length + byDay.length === 0) return () => undefined;

  const zone = openZone(timeZone);
  const reopensAt = findReopening(zone, {
    admitsDay: (day) => byDay.every(({ admits }) => admits(day)),
    admitsMinute: (minute) => byMinute.every(({ admits }) => admits(minute)),
  });
  let known: { minute: number; objection: Objection | undefined } = { minute: Number.NaN, objection: undefined };

  function objectionIn(settings: readonly Setting[], time: number): Objection | undefined {
    const closed = settings.find(({ admits }) => !admits(time));
    return closed && { code: "time_restriction", rule: `${prefix}.${closed.name}`, reason: closed.reason(time) };
  }

  function objectionAt(instant: number): Objection | undefined {
    const local = zone.localMinute(instant);
    const day = Math.floor(local / MINUTES_OF_DAY);
    return objectionIn(byMinute, local - day * MINUTES_OF_DAY) ?? objectionIn(byDay, day);
  }

  return (_request, { now }) => {
    const instant = now.getTime();
    // All settings are about whole minutes: calls of the same minute share the answer.
    const minute = Math.floor(instant / MINUTE_MS);
    if (minute !== known.minute) known = { minute, objection: objectionAt(instant) };
    const { objection } = known;
    if (!objection) return undefined;
    const at = reopensAt(instant);
    return at === undefined ? objection : { ...objection, retryAfterMs: at - instant };
  };
}
