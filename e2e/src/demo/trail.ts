import { readToolLogs, type ToolLog } from "../client/tool-logs.ts";
import { until } from "../system/until.ts";
import { table } from "../table.ts";
import type { Caller } from "./caller.ts";

/** The records of a caller's calls, oldest first, once every call has one with an end. */
export function readTrail(baseUrl: string, caller: Caller): Promise<ToolLog[]> {
  const complete = async (): Promise<ToolLog[] | undefined> => {
    const logs = await readToolLogs(baseUrl, { hours: "1", limit: "1000" });
    const ours = logs.filter((log) => (log.client as { name?: string } | null)?.name === caller.name);
    const ended = ours.filter((log) => log.end_time !== null);
    return ended.length >= caller.calls.length ? ended.reverse() : undefined;
  };
  return until(complete, { what: `${caller.calls.length} records` });
}

/** What the records say otherwise than the caller saw it. */
export function compare(trail: readonly ToolLog[], caller: Caller): string[] {
  if (trail.length !== caller.calls.length) {
    return [`${caller.calls.length} calls were made and ${trail.length} recorded`];
  }
  const seen = caller.calls.map(({ tool, code }) => `${tool.replace(/^[^_]*_/, "")} ${code ?? ""}`).sort();
  const recorded = trail.map((log) => `${log.tool_name} ${codeOf(log)}`).sort();
  return seen.flatMap((call, index) =>
    call === recorded[index] ? [] : [`the client saw "${call}", the record says "${recorded[index]}"`],
  );
}

/** The trail as a table; calls that differ in nothing that it shows share a row. */
export function trailTable(trail: readonly ToolLog[]): string {
  const rows: string[][] = [];
  for (const log of trail) {
    const what = [log.server_name, log.tool_name, log.status, codeOf(log)];
    const last = rows.at(-1);
    if (last && what.every((cell, column) => cell === last[column + 1])) last[5] = String(Number(last[5]) + 1);
    else rows.push([timeOf(log), ...what, "1", Number(log.duration_ms).toFixed(1)]);
  }
  return table(["time", "server", "tool", "status", "code", "calls", "ms"], rows);
}

const codeOf = (log: ToolLog): string => (log.denial as { code?: string } | null)?.code ?? "";

const timeOf = (log: ToolLog): string => String(log.start_time).slice(11, 23);
