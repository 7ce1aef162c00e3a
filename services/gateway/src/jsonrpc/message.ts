import { GovernanceError } from "@mcp-governance-bridge/shared";
import { type Scan, type Span, scan, type Wanted } from "./scan.ts";

/** The text of a JSON-RPC id, quotes included: `1` and `"1"` are different ids. */
export type IdText = string;

/**
 * One JSON-RPC message: parsed once, and kept as the text it was.
 * What is relayed is that text with a few values replaced, so that numbers, order and unknown members stay as they were.
 */
export interface Message {
  readonly text: string;
  readonly kind: "request" | "notification" | "response";
  /** Empty in a response. */
  readonly method: string;
  readonly id: IdText | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** A response's error, if it is one. */
  readonly error: { code: number; message: string } | undefined;
  readonly result: unknown;
  /** The names of its members as they stand, also where one stands twice. */
  readonly names: readonly string[];
  /** Whether an object in it names a member twice: of the two, one reader may take one and another the other. */
  hasDoubles(): boolean;
  /** The span of a member by dotted path, of those that the relay replaces or records. */
  span(path: string): Span | undefined;
}

const WANTED: Wanted = {
  id: true,
  result: true,
  error: true,
  params: {
    name: true,
    uri: true,
    arguments: true,
    argument: true,
    context: true,
    requestId: true,
    progressToken: true,
    ref: { name: true, uri: true },
    _meta: { progressToken: true },
  },
};

/** Deeper texts serve nobody and cost everybody who walks them. */
const MAX_DEPTH = 500;

/** JSON-RPC's code for what has none. */
const INTERNAL_ERROR = -32603;

/**
 * Reads a message that comes from a client.
 * Throws `message.unparsable`, `message.invalid`, or `message.duplicate_key`: what names a member twice could be
 * decided on as one thing and run as another.
 */
export function readClientMessage(text: string): Message {
  const value = parse(text);
  const found = scan(text, WANTED);
  if (found.depth > MAX_DEPTH) throw invalid(`nested deeper than ${MAX_DEPTH} levels`);
  const message = toMessage(text, value, found);
  if (message.hasDoubles()) {
    throw new GovernanceError("message.duplicate_key", "Invalid Request: an object names a member twice");
  }
  return message;
}

/** Reads a message that comes from an upstream. Throws `message.unparsable` or `message.invalid`. */
export function readUpstreamMessage(text: string): Message {
  return toMessage(text, parse(text), scan(text, WANTED));
}

/** The message's text with values replaced. Spans must not overlap. */
export function splice(text: string, edits: readonly (readonly [Span | undefined, string])[]): string {
  let result = "";
  let from = 0;
  const inOrder = edits.length < 2 ? edits : edits.toSorted(([a], [b]) => (a?.start ?? 0) - (b?.start ?? 0));
  for (const [span, replacement] of inOrder) {
    if (span === undefined) continue;
    result += text.slice(from, span.start) + replacement;
    from = span.end;
  }
  return result + text.slice(from);
}

/** The text of a member, if it is there. */
export function textAt(message: Message, path: string): string | undefined {
  const span = message.span(path);
  return span && message.text.slice(span.start, span.end);
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GovernanceError("message.unparsable", "Parse error: the message is not JSON", { cause });
  }
  if (Array.isArray(value)) throw invalid("batches are not supported");
  if (!isObject(value)) throw invalid("not an object");
  return value;
}

function toMessage(text: string, value: Record<string, unknown>, found: Scan): Message {
  const { jsonrpc, id, method, params, error, result } = value;
  if (jsonrpc !== "2.0") throw invalid('the member "jsonrpc" must be "2.0"');
  // An error may answer what had no readable id.
  if (id !== undefined && !isId(id) && !(id === null && error !== undefined))
    throw invalid('the member "id" must be a string or a number');
  if (params !== undefined && !isObject(params)) throw invalid('the member "params" must be an object');
  const span = found.spans.get("id");
  return {
    text,
    kind: kindOf(value),
    method: typeof method === "string" ? method : "",
    id: span && text.slice(span.start, span.end),
    params: params ?? {},
    error: errorOf(error),
    result,
    names: found.names,
    hasDoubles: () => found.members !== countMembers(value),
    span: (path) => found.spans.get(path),
  };
}

function kindOf({ id, method, result, error }: Record<string, unknown>): Message["kind"] {
  if (typeof method === "string") return id === undefined ? "notification" : "request";
  if (method !== undefined) throw invalid('the member "method" must be a string');
  if (id === undefined && error === undefined) throw invalid('it has neither "method" nor "id"');
  if ((result === undefined) === (error === undefined)) {
    throw invalid('a response has either "result" or "error"');
  }
  return "response";
}

/** Upstreams send what they like; records take whole codes and text. */
function errorOf(error: unknown): Message["error"] {
  if (error === undefined) return undefined;
  if (!isObject(error)) throw invalid('the member "error" must be an object');
  const { code, message } = error;
  return {
    code: typeof code === "number" && Number.isSafeInteger(code) ? code : INTERNAL_ERROR,
    message: typeof message === "string" ? message : "no message",
  };
}

/** Counts the members of all objects in a parsed value, without recursion: depth is the sender's choice. */
function countMembers(root: unknown): number {
  let count = 0;
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    const inside = Object.values(value);
    if (!Array.isArray(value)) count += inside.length;
    for (const each of inside) open.push(each);
  }
  return count;
}

function isId(id: unknown): boolean {
  return typeof id === "string" || typeof id === "number";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(what: string): GovernanceError {
  return new GovernanceError("message.invalid", `Invalid Request: ${what}`);
}
