import type { Document } from "../record-store.ts";
import type { Calls } from "./calls.ts";
import type { Counts } from "./counts.ts";
import type { Decisions } from "./decisions.ts";
import { periodOf, type Scan, scopeOf } from "./scan.ts";

const SHOWN = 100;

export interface Coverage {
  servers: { configured: string[]; active: number; without_calls: string[] };
  tools: {
    inventory: number;
    called: number;
    /** Offered, and not called in the period. */
    never_called: { tools: { server_name: string; tool_name: string }[]; of: number };
    /** Called, and not offered as far as is known. */
    not_in_inventory: { tools: { server_name: string; tool_name: string }[]; of: number };
  };
  calls: Calls["evidence"] & { total: number; unknown: number; open: number };
  /** Of decisions that permitted: those whose call is not on record, since the server's settings keep the decision alone. */
  decisions_alone: number;
  dead_letters: { in_period: number; unresolved: number };
  /** Settings that keep less than everything. */
  recording_off: { server_name: string; setting: string }[];
}

/** How much of what happened is on record. */
export async function readCoverage(
  scan: Scan,
  { calls, called, decisions }: { calls: Calls; called: Counts; decisions: Decisions },
): Promise<Coverage> {
  const { store } = scan;
  const scope = scopeOf(scan);
  const [servers, tools, configs, letters] = await Promise.all([
    store.aggregate("servers", [{ $match: scope }, { $project: { server_name: 1, is_active: 1 } }]),
    store.aggregate("server_tools", [
      { $match: { ...scope, is_active: true } },
      { $project: { server_name: 1, tool_name: 1 } },
    ]),
    store.aggregate("governance_configs", [{ $match: scope }]),
    store.aggregate("dead_letters", [{ $match: periodOf(scan) }, { $group: { _id: "$status", count: { $sum: 1 } } }]),
  ]);
  const { total, unknown, open, evidence, servers: byServer } = calls;
  const active = servers.filter(({ is_active }) => is_active === true);
  const calledServers = new Set(byServer.rows.map(({ names }) => names[0]));
  return {
    servers: {
      configured: namesOf(servers),
      active: active.length,
      without_calls: byServer.others > 0 ? [] : namesOf(active).filter((name) => !calledServers.has(name)),
    },
    tools: await toolsOf(scan, tools, called),
    calls: { total, unknown, open, ...evidence },
    decisions_alone: Math.max(0, decisions.total - evidence.with_decision),
    dead_letters: {
      in_period: sumOf(letters),
      unresolved: sumOf(letters.filter(({ _id }) => _id !== "redriven")),
    },
    recording_off: configs.flatMap(recordingOff),
  };
}

async function toolsOf(scan: Scan, tools: readonly Document[], called: Counts): Promise<Coverage["tools"]> {
  const inventory = new Set(tools.map(({ server_name, tool_name }) => JSON.stringify([server_name, tool_name])));
  const rows = called.rows().filter(({ marks }) => Object.keys(marks).some((status) => status !== "denied"));
  const uncounted = [...inventory].filter((key) => !called.has(JSON.parse(key) as string[]));
  const neverCalled = called.isWhole ? uncounted : await uncalled(scan, uncounted);
  const notInInventory = rows.map(({ names }) => JSON.stringify(names)).filter((key) => !inventory.has(key));
  return {
    inventory: inventory.size,
    called: inventory.size - neverCalled.length,
    never_called: { tools: neverCalled.sort().slice(0, SHOWN).map(toolOf), of: neverCalled.length },
    not_in_inventory: { tools: notInInventory.sort().slice(0, SHOWN).map(toolOf), of: notInInventory.length },
  };
}

/** Those without a call in the period. Names come from outside: there may be more of them than are told apart. */
async function uncalled(scan: Scan, keys: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const key of keys) {
    scan.signal.throwIfAborted();
    const match = { $match: { ...toolOf(key), ...periodOf(scan) } };
    const calls = await scan.store.aggregate("tool_logs", [match, { $limit: 1 }, { $project: { _id: 1 } }]);
    if (calls.length === 0) found.push(key);
  }
  return found;
}

function toolOf(key: string): { server_name: string; tool_name: string } {
  const [server_name = "", tool_name = ""] = JSON.parse(key) as string[];
  return { server_name, tool_name };
}

/** Of the seed's settings those that keep less than everything when they are off. */
const RECORDING = ["enable_tool_logging", "detailed_tracking", "track_api_usage"];

function recordingOff(config: Document): Coverage["recording_off"] {
  const off = RECORDING.filter((setting) => config[setting] === false);
  return off.map((setting) => ({ server_name: String(config.server_name), setting }));
}

function namesOf(servers: readonly Document[]): string[] {
  return servers.map(({ server_name }) => String(server_name)).sort();
}

function sumOf(groups: readonly Document[]): number {
  return groups.reduce((sum, { count }) => sum + Number(count), 0);
}
