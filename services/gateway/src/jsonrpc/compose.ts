import { type GovernanceError, toJsonRpcError } from "@mcp-governance-bridge/shared";
import type { IdText } from "./message.ts";

/** A response around a result that is JSON text already. */
export function resultText(id: IdText, result: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
}

/** An error response; `data` is added to what the error table says. `null` where no id could be read. */
export function errorText(id: IdText | null, error: GovernanceError, data?: object): string {
  const body = toJsonRpcError(error);
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ ...body, data: { ...body.data, ...data } })}}`;
}

export function requestText(id: number, method: string, params: object): string {
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}`;
}

export function notificationText(method: string, params?: object): string {
  const rest = params ? `,"params":${JSON.stringify(params)}` : "";
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)}${rest}}`;
}

/** The same JSON without line ends: between tokens they are white space, inside strings they are escaped anyway. */
export function oneLine(text: string): string {
  return text.includes("\n") || text.includes("\r") ? text.replace(/[\r\n]/g, " ") : text;
}
