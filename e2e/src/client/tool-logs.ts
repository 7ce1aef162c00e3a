import type { System } from "../system/system.ts";
import { until } from "../system/until.ts";

/** One call as the governance API tells it. */
export interface ToolLog {
  session_id: string;
  server_name: string;
  tool_name: string;
  status: string;
  inputs: unknown;
  outputs: unknown;
  [member: string]: unknown;
}

/** What the governance API answers at this moment, newest first. */
export async function readToolLogs(baseUrl: string, filters: Readonly<Record<string, string>>): Promise<ToolLog[]> {
  const response = await fetch(`${baseUrl}/governance/tool-logs?${new URLSearchParams(filters)}`);
  const body = (await response.json()) as { status: string; data?: ToolLog[] };
  if (body.status !== "success") throw new Error(`the governance API answered ${JSON.stringify(body)}`);
  return body.data ?? [];
}

export interface AwaitedLogs {
  /** So many records at least; 1 unless said otherwise. */
  count?: number;
  /** Only records whose inputs contain this text. */
  including?: string;
  withinMs?: number;
}

/** The records that match, once there are enough and each has an end. */
export function toolLogs(
  system: System,
  filters: Readonly<Record<string, string>>,
  { count = 1, including = "", withinMs = 15_000 }: AwaitedLogs = {},
): Promise<ToolLog[]> {
  const ended = async (): Promise<ToolLog[] | undefined> => {
    const all = await readToolLogs(`http://127.0.0.1:${system.basePort}`, filters);
    const logs = all.filter((log) => JSON.stringify(log.inputs ?? null).includes(including));
    return logs.length >= count && logs.every((log) => FINAL.has(log.status)) ? logs : undefined;
  };
  return until(ended, { what: `${count} records of ${JSON.stringify(filters)} ${including}`, withinMs });
}

const FINAL = new Set(["success", "error", "denied", "unknown"]);
