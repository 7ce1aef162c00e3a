import type { ServerResponse } from "node:http";
import { type GovernanceError, toJsonRpcError } from "@mcp-governance-bridge/shared";

/** Answers what is no MCP exchange (yet) with the error's HTTP status and a JSON-RPC error of no request. */
export function refuse(response: ServerResponse, error: GovernanceError, headers: Record<string, string> = {}): void {
  if (response.headersSent) return void response.end();
  const body = JSON.stringify({ jsonrpc: "2.0", id: null, error: toJsonRpcError(error) });
  // The rest of a body that is not read would be taken for the next request.
  const close = error.code === "message.too_large" ? { connection: "close" } : {};
  response.writeHead(error.http, { "content-type": "application/json", ...close, ...headers }).end(body);
}
