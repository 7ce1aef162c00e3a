import { type Message, readUpstreamMessage, textAt } from "../jsonrpc/message.ts";
import type { Part } from "./place.ts";

const ENVELOPE = ["jsonrpc", "id", "method"];

/**
 * A message with nothing in it but `part` and what JSON-RPC has around that, each once: rules are applied to no more, and what
 * they have not seen goes to nobody. The very same message where it is so already.
 */
export function bare(message: Message, part: Part): Message {
  const { names, id, method } = message;
  const allowed = [...ENVELOPE, part];
  if (new Set(names).size === names.length && names.every((name) => allowed.includes(name))) return message;
  const said = textAt(message, part);
  const members = [
    `"jsonrpc":"2.0"`,
    ...(id === undefined ? [] : [`"id":${id}`]),
    ...(message.kind === "response" ? [] : [`"method":${JSON.stringify(method)}`]),
    ...(said === undefined ? [] : [`"${part}":${said}`]),
  ];
  return readUpstreamMessage(`{${members.join()}}`);
}
