import { setImmediate as turn } from "node:timers/promises";
import type { Document, RecordStore } from "../../record-store.ts";
import type { Grouping } from "../../usage/figures.ts";
import type { Subject } from "../observation.ts";
import { HOUR_MS, type Hour, hourOf } from "./history.ts";
import type { SubjectHours } from "./judge.ts";
import type { Tool, Use } from "./new-tool.ts";

type Reader = Pick<RecordStore, "aggregate">;

/** Both inclusive. */
interface Hours {
  from: number;
  to: number;
}

const DAY_HOURS = 24;
const MEMBERS = { timestamp: 1, principal: 1, server_name: 1, tool_name: 1, method: 1, calls: 1, success: 1, error: 1 };

interface Asked {
  grouping: Grouping;
  /** Such as `{ principal: { $in: [...] } }`. */
  condition?: Document;
}

/** Subjects with calls in these hours, and their hours, oldest first. */
export async function readHours(
  store: Reader,
  { grouping, condition = {} }: Asked,
  hours: Hours,
): Promise<SubjectHours[]> {
  const subjects = new Map<string, { subject: Subject; hours: Hour[] }>();
  // A day at a time: an embedded store reads on this event loop.
  for (let from = hours.from; from <= hours.to; from += DAY_HOURS) {
    const timestamp = rangeOf(from, Math.min(from + DAY_HOURS - 1, hours.to));
    const figures = await store.aggregate("usage_hours", [
      { $match: { grouping, ...condition, timestamp } },
      { $project: MEMBERS },
    ]);
    for (const each of figures.filter(isOne)) {
      const subject = subjectOf(each);
      const key = JSON.stringify(subject);
      const present = subjects.get(key) ?? { subject, hours: [] };
      present.hours.push(hourOfFigures(each));
      subjects.set(key, present);
    }
    await turn();
  }
  for (const subject of subjects.values()) subject.hours.sort((one, other) => one.hour - other.hour);
  return [...subjects.values()];
}

/** Which principals used which tools on these days. */
export async function readDays(
  store: Reader,
  { grouping, condition = {} }: Asked,
  { from, to }: Hours,
): Promise<{ day: number; use: Use }[]> {
  const figures = await store.aggregate("usage_days", [
    { $match: { grouping, ...condition, timestamp: rangeOf(from, to) } },
    { $project: MEMBERS },
  ]);
  return figures.map((each) => ({
    day: Math.floor(hourOf(each.timestamp as Date) / DAY_HOURS),
    use: { ...toolIn(each), principal: String(each.principal) },
  }));
}

export function toolIn({ server_name, tool_name, method }: Document): Tool {
  return { server_name: String(server_name), tool_name: String(tool_name), method: String(method) };
}

/** Figures of those that are too many to be counted each on its own have no name. */
function isOne({ principal, tool_name }: Document): boolean {
  return principal !== null && tool_name !== null;
}

function subjectOf({ principal, server_name, tool_name, method }: Document): Subject {
  return JSON.parse(JSON.stringify({ principal, server_name, tool_name, method }));
}

function hourOfFigures({ timestamp, calls, success, error }: Document): Hour {
  const errors = Number(error);
  return { hour: hourOf(timestamp as Date), calls: Number(calls), ended: Number(success) + errors, errors };
}

function rangeOf(from: number, to: number): Document {
  return { $gte: new Date(from * HOUR_MS), $lt: new Date((to + 1) * HOUR_MS) };
}
