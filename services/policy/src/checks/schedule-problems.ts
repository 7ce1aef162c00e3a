import type { ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";
import { readDates, readTimes } from "./schedule-dates.ts";

interface ScheduleProblem {
  /** Below the server's settings. */
  path: (string | number)[];
  message: string;
}

const READERS = { allowed_times: readTimes, allowed_dates: readDates, blocked_dates: readDates };
const LISTS = ["allowed_times", "allowed_dates", "blocked_dates"] as const;

/** What keeps a schedule from being used besides its form: dates that do not exist, ranges without a day or a minute. */
export function scheduleProblems(settings: Pick<ServerPolicySettings, (typeof LISTS)[number]>): ScheduleProblem[] {
  return LISTS.flatMap((list) =>
    (settings[list] ?? []).flatMap((text, index) => {
      const read = READERS[list](text);
      return typeof read === "string" ? [{ path: [list, index], message: read }] : [];
    }),
  );
}
