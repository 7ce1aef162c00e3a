import { setTimeout as sleep } from "node:timers/promises";
import type { Closable } from "@mcp-governance-bridge/shared";
import { type CallToolResult, Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const DENIAL = "mcp-governance-bridge/denial";

/** How a call ended: its text, and the code where governance denied it. */
export interface Ended {
  text: string;
  code: string | undefined;
}

/** An MCP client that remembers how each of its calls ended. */
export interface Caller extends Closable {
  /** The name by which the records know this client. */
  name: string;
  /** Calls a tool once. */
  call(tool: string, args: Record<string, unknown>): Promise<Ended>;
  /** Calls a tool, and once more after the rate limit's own waiting time when that denied it. */
  callPatiently(tool: string, args: Record<string, unknown>): Promise<Ended>;
  /** Every call so far, in order. */
  calls: readonly { tool: string; code: string | undefined }[];
}

/** Connects a client of the official SDK. */
export async function connectCaller(url: string, say: (line: string) => void): Promise<Caller> {
  const name = `demo-${Date.now().toString(36)}`;
  const client = new Client({ name, version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const calls: { tool: string; code: string | undefined }[] = [];

  const once = async (tool: string, args: Record<string, unknown>): Promise<Ended & { retryAfterMs: number }> => {
    const result = await client.callTool({ name: tool, arguments: args });
    const { code, retryAfterMs = 0 } = denialOf(result);
    calls.push({ tool, code });
    return { text: textOf(result), code, retryAfterMs };
  };

  return {
    name,
    calls,
    call: once,
    async callPatiently(tool, args) {
      const first = await once(tool, args);
      if (first.code !== "rate_limit") return first;
      say(`The rate limit is used up; waiting ${Math.ceil(first.retryAfterMs / 1000)} s …`);
      await sleep(first.retryAfterMs + 100);
      return once(tool, args);
    },
    close: () => client.close(),
  };
}

function denialOf(result: CallToolResult): { code?: string; retryAfterMs?: number } {
  return (result._meta?.[DENIAL] as { code?: string; retryAfterMs?: number } | undefined) ?? {};
}

function textOf({ content }: CallToolResult): string {
  return content.map((block) => (block.type === "text" ? block.text : `[${block.type}]`)).join(" ");
}
