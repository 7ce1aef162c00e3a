import type { LimitRule, PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import { LABELS_TTL_MS } from "../config.ts";
import { LEASE_MS, WINDOWS } from "../rules/limit-rules-counts.ts";

const HOUR_MS = 3_600_000;
/** The longest day of the calendar, where clocks are set back. */
const DAY_MS = 25 * HOUR_MS;

/** How long ago calls may have been that still matter to a decision, in milliseconds: by limits, or by what sessions carry. */
export function memoryOf({ global, servers }: PolicyDocument): number {
  const all = [global, ...Object.values(servers)];
  const isLabelling = all.some(({ labels }) => labels.length > 0);
  return Math.max(
    WINDOWS.minute,
    isLabelling ? LABELS_TTL_MS : 0,
    ...all.flatMap(({ limits }) => limits.map(memoryOfLimit)),
    ...Object.values(servers).map(({ max_concurrent_sessions }) =>
      max_concurrent_sessions === undefined ? 0 : LEASE_MS,
    ),
  );
}

function memoryOfLimit({ permits, daily, concurrent }: LimitRule): number {
  const units = ["second", "minute", "hour", "day"] as const;
  return Math.max(
    daily === undefined ? 0 : DAY_MS,
    concurrent === undefined ? 0 : LEASE_MS,
    ...units.map((unit) => (permits[unit] === undefined ? 0 : WINDOWS[unit])),
  );
}
