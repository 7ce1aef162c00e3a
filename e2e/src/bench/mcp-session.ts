import { type Connection, openConnection } from "./connection.ts";
import type { HttpAnswer } from "./response-reader.ts";

const PROTOCOL_VERSION = "2025-11-25";

/** A session opened by `initialize`, and the headers that carry it. */
export interface BenchSession {
  headers: Readonly<Record<string, string>>;
}

/** Does the whole handshake on a connection of its own. Rejects when the target is not an MCP server. */
export async function openSession(url: URL): Promise<BenchSession> {
  const first = await openConnection(url, {});
  const answer = await first.post(
    JSON.stringify({
      jsonrpc: "2.0",
      id: 0,
      method: "initialize",
      params: {
        protocolVersion: PROTOCOL_VERSION,
        capabilities: {},
        clientInfo: { name: "bench", version: "1.0.0" },
      },
    }),
  );
  first.close();
  if (answer.status !== 200) throw new Error(`initialize answered HTTP ${answer.status}: ${answer.body}`);
  const sessionId = answer.header("mcp-session-id");
  const headers = { "MCP-Protocol-Version": PROTOCOL_VERSION, ...(sessionId ? { "Mcp-Session-Id": sessionId } : {}) };
  const second = await openConnection(url, headers);
  await second.post(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
  second.close();
  return { headers };
}

/** Calls the echo tool once and rejects unless exactly this call was answered, rightly. */
export async function echoOnce(connection: Connection, tool: string, id: number): Promise<void> {
  const message = `call number ${id} of the benchmark`;
  const answer = await connection.post(
    `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool}","arguments":{"message":"${message}"}}}`,
  );
  const response = JSON.parse(payloadOf(answer)) as { id?: unknown; result?: { content?: { text?: unknown }[] } };
  if (response.id !== id || response.result?.content?.[0]?.text !== message) {
    throw new Error(`call ${id} was answered with HTTP ${answer.status}: ${answer.body.slice(0, 300)}`);
  }
}

function payloadOf({ body, header }: HttpAnswer): string {
  if (!header("content-type")?.startsWith("text/event-stream")) return body;
  const lines = body.split("\n").filter((line) => line.startsWith("data: {"));
  return lines.at(-1)?.slice("data: ".length) ?? "";
}
