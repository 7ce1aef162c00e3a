import type { Subject } from "../observation.ts";

export interface Tool {
  server_name: string;
  tool_name: string;
  method: string;
}

/** A principal and what it used. */
export interface Use extends Tool {
  principal: string;
}

/** When, in days since 1970, principals, servers, tools and pairs of principal and tool were first seen. */
export interface Known {
  principals: ReadonlyMap<string, number>;
  servers: ReadonlyMap<string, number>;
  tools: ReadonlyMap<string, number>;
  pairs: ReadonlyMap<string, number>;
}

export function createKnown() {
  const known = { principals: new Map(), servers: new Map(), tools: new Map(), pairs: new Map() } satisfies Known;
  const note = (map: Map<string, number>, key: string, day: number) => map.set(key, Math.min(map.get(key) ?? day, day));
  return {
    known: known as Known,
    addUse(use: Use, day: number): void {
      note(known.principals, use.principal, day);
      note(known.pairs, pairOf(use), day);
    },
    addTool(tool: Tool, day: number): void {
      note(known.servers, tool.server_name, day);
      note(known.tools, toolOf(tool), day);
    },
  };
}

/**
 * What is new about a use, as the subject of an alert: a server or a tool that nobody used before, or one that this
 * principal did not. Undefined where nothing is, and where principal or tool have not been there for so many days.
 */
export function judgeNewTool(
  use: Use,
  known: Known,
  { day, minDays }: { day: number; minDays: number },
): Subject | undefined {
  const isOld = (first: number | undefined) => first !== undefined && day - first >= minDays;
  if (!isOld(known.principals.get(use.principal)) || known.pairs.has(pairOf(use))) return undefined;
  const { principal, server_name, tool_name, method } = use;
  if (!known.servers.has(server_name)) return { server_name };
  const first = known.tools.get(toolOf(use));
  if (first === undefined) return { server_name, tool_name, method };
  return isOld(first) ? { principal, server_name, tool_name, method } : undefined;
}

function toolOf({ server_name, tool_name, method }: Tool): string {
  return JSON.stringify([server_name, tool_name, method]);
}

export function pairOf(use: Use): string {
  return JSON.stringify([use.principal, toolOf(use)]);
}
