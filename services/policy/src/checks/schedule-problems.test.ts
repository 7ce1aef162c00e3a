import { ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";
import { expect, test } from "vitest";
import { scheduleProblems } from "./schedule-problems.ts";

const problemsOf = (given: Partial<ServerPolicySettings>) => scheduleProblems(ServerPolicySettings.parse(given));

test("a schedule of real dates and ranges has no problems", () => {
  expect(problemsOf({})).toEqual([]);
  expect(
    problemsOf({
      allowed_times: ["22:00-06:00", "00:00-24:00"],
      allowed_dates: ["2028-02-29", "2026-01-01/2026-01-01"],
      blocked_dates: ["2026-12-24/2027-01-01"],
    }),
  ).toEqual([]);
});

test("dates that no calendar has and ranges that hold nothing are told with their places", () => {
  expect(
    problemsOf({
      allowed_times: ["09:00-17:00", "09:00-09:00"],
      allowed_dates: ["2026-02-30", "2026-13-01"],
      blocked_dates: ["2026-01-01/2026-02-29", "2026-05-02/2026-05-01"],
    }),
  ).toEqual([
    { path: ["allowed_times", 1], message: "is empty: it ends where it begins; the whole day is 00:00-24:00" },
    { path: ["allowed_dates", 0], message: "2026-02-30 is no date of the calendar" },
    { path: ["allowed_dates", 1], message: "2026-13-01 is no date of the calendar" },
    { path: ["blocked_dates", 0], message: "2026-02-29 is no date of the calendar" },
    { path: ["blocked_dates", 1], message: "runs backwards: 2026-05-01 comes before 2026-05-02" },
  ]);
});
