import { expect, test } from "vitest";
import { canBeMade, needsRecord } from "./expiry.ts";

const now = new Date("2026-03-31T12:30:00Z");
const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);

test("a minute is not made again once its calls, its decisions or the minute itself may have expired", () => {
  const minute = { span: "minute", start: hoursAgo(25) } as const;
  expect(canBeMade(minute, {}, now)).toBe(true);
  expect(canBeMade(minute, { tool_logs: 1 }, now)).toBe(false);
  expect(canBeMade(minute, { governance_logs: 1 }, now)).toBe(false);
  expect(canBeMade(minute, { usage_minutes: 1 }, now)).toBe(false);
  expect(canBeMade(minute, { tool_logs: 2, governance_logs: 2, usage_minutes: 2 }, now)).toBe(true);
});

test("an hour needs its minutes, and a day its hours, whatever became of the calls", () => {
  const kept = { tool_logs: 0.01, governance_logs: 0.01, usage_minutes: 1, usage_hours: 2 };
  expect(canBeMade({ span: "hour", start: hoursAgo(25) }, kept, now)).toBe(true);
  expect(canBeMade({ span: "hour", start: hoursAgo(25.1) }, kept, now)).toBe(false);
  expect(canBeMade({ span: "day", start: hoursAgo(49) }, kept, now)).toBe(true);
  expect(canBeMade({ span: "day", start: hoursAgo(49.1) }, kept, now)).toBe(false);
});

test("an hour that is made from the record needs the record, but no minutes", () => {
  const hour = { span: "hour", start: hoursAgo(30), isFromRecord: true } as const;
  expect(canBeMade(hour, { usage_minutes: 1 }, now)).toBe(true);
  expect(canBeMade(hour, { tool_logs: 1 }, now)).toBe(false);
  expect(canBeMade(hour, { governance_logs: 1 }, now)).toBe(false);
});

test("an hour some of whose minutes are too old is made from the record, as long as that has all of it", () => {
  const kept = { usage_minutes: 1, tool_logs: 3 };
  const hour = (hoursAgo: number) => ({ span: "hour", start: new Date(now.getTime() - hoursAgo * 3_600_000) }) as const;
  expect(needsRecord(hour(24), kept, now)).toBe(false);
  expect(needsRecord(hour(24.5), kept, now)).toBe(true);
  expect(needsRecord(hour(24.5), { usage_minutes: 1, tool_logs: 1 }, now)).toBe(false);
  expect(needsRecord(hour(24.5), {}, now)).toBe(false);
  expect(needsRecord({ ...hour(24.5), span: "day" }, kept, now)).toBe(false);
});
