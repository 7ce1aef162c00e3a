import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
export const MINUTES_OF_DAY = 1_440;

/** A time for which the clocks of a zone run on without a jump. Instants are in milliseconds since 1970. */
interface Span {
  /** What is added to an instant for the zone's clocks. */
  offsetMs: number;
  /** The first instant that the span does not vouch for. */
  until: number;
}

/** The clocks of one time zone. */
export interface Zone {
  name: string;
  /** Milliseconds to add to that instant for what the clocks show. */
  offsetAt(instant: number): number;
  /** Minutes since 1970 as the clocks show them at that instant. */
  localMinute(instant: number): number;
  /** A span, of at most a day, that begins at that instant. */
  spanFrom(instant: number): Span;
  /** The first instant from `from` on at which the clocks show that minute, or a later one where they leap over it. */
  instantOf(localMinute: number, from: number): number;
}

/** The zone that the days and hours of a server, or of global rules, go by: its own, the global one, or the host's. */
export function zoneOf({ global, servers }: PolicyDocument, server?: string): string {
  const own = server === undefined ? undefined : servers[server]?.time_zone;
  return own ?? global.time_zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Throws a RangeError where there is no such zone. */
export function openZone(name: string): Zone {
  const offsetAt = offsetsOf(name);

  function spanFrom(instant: number): Span {
    const offsetMs = offsetAt(instant);
    let until = instant + DAY_MS;
    if (offsetAt(until) === offsetMs) return { offsetMs, until };
    // Clocks jump on a whole minute of UTC.
    let steady = Math.floor(instant / MINUTE_MS);
    let jumped = Math.ceil(until / MINUTE_MS);
    while (jumped - steady > 1) {
      const middle = Math.floor((steady + jumped) / 2);
      if (offsetAt(middle * MINUTE_MS) === offsetMs) steady = middle;
      else jumped = middle;
    }
    until = jumped * MINUTE_MS;
    return { offsetMs, until };
  }

  return {
    name,
    offsetAt,
    spanFrom,
    localMinute: (instant) => Math.floor((instant + offsetAt(instant)) / MINUTE_MS),
    instantOf(localMinute, from) {
      for (let start = from; ; ) {
        const { offsetMs, until } = spanFrom(start);
        const instant = localMinute * MINUTE_MS - offsetMs;
        if (instant < until) return Math.max(instant, start);
        start = until;
      }
    },
  };
}

/** Offsets are kept for a minute of UTC, the unit in which zones jump: calls of the same minute pay for one look-up together. */
function offsetsOf(name: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  let known = Number.NaN;
  let offsetMs = 0;
  return (instant) => {
    const minute = Math.floor(instant / MINUTE_MS);
    if (minute !== known) {
      offsetMs = offsetIn(format.format(minute * MINUTE_MS));
      known = minute;
    }
    return offsetMs;
  };
}

/** Of a text such as `1/15/2026, GMT+05:45`; plain `GMT` is 0. */
function offsetIn(text: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(text) ?? [];
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  return sign === "-" ? -ms : ms;
}
