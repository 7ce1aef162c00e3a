import type { Span } from "../jsonrpc/scan.ts";

/** Which part of a message is looked at. */
export type Part = "result" | "error" | "params";

/** A part of a message, and where in the text it stands. */
export interface Target {
  text: string;
  part: Part;
  span: Span;
}

/**
 * What a value is to rules. `data` is what the message is about; `kept` is looked through for patterns, but not masked or
 * cut as a whole, since the message would not be valid without it; `fixed` is the protocol's own and never touched.
 */
export type Standing = "data" | "kept" | "fixed";

/** Members whose names and forms are the protocol's. All others are free: their keys are data too. */
const PROTOCOL: Readonly<Record<Exclude<Part, "params">, ReadonlySet<string>>> = {
  result: new Set(["content", "contents", "messages", "completion", "isError", "roots", "role", "action"]),
  error: new Set(["code", "message"]),
};

const FIXED_TEXTS: Readonly<Record<string, readonly string[]>> = {
  type: ["text", "image", "audio", "resource", "resource_link", "tool_use", "tool_result"],
  role: ["user", "assistant"],
  action: ["accept", "decline", "cancel"],
};
const FIXED_SCALARS = new Set(["isError", "priority", "size", "total", "hasMore", "code", "progress", "progressToken"]);
const FIXED_PARAMS = new Set(["progressToken", "requestId", "elicitationId", "level", "mode"]);
const KEPT = new Set(["mimeType", "uri", "lastModified"]);
/** What an upstream's notifications and requests have to say; the rest of them is how it is said. */
const SAID = new Set(["message", "messages", "systemPrompt", "data", "reason"]);

/** Whether names and forms are the sender's own here, not the protocol's. `path` leads to what holds the value. */
export function isFree(part: Part, path: readonly string[]): boolean {
  const [root] = path;
  if (root === undefined) return false;
  if (path.includes("_meta")) return true;
  return part === "params" ? root === "data" : !PROTOCOL[part].has(root);
}

export function standingOf(part: Part, path: readonly string[], { kind, value }: { kind: string; value: string }) {
  const name = path.at(-1) ?? "";
  if (part === "params" && path.length === 1 && FIXED_PARAMS.has(name)) return "fixed";
  if (isFree(part, path)) return "data";
  if (kind === "string") return textStanding(part, path, value);
  if (part === "params" || FIXED_SCALARS.has(name)) return "fixed";
  return "data";
}

function textStanding(part: Part, path: readonly string[], value: string): Standing {
  const name = path.at(-1) ?? "";
  if (Object.hasOwn(FIXED_TEXTS, name) && FIXED_TEXTS[name]?.includes(value)) return "fixed";
  if (KEPT.has(name) || path.at(-2) === "audience") return "kept";
  return part === "params" && !SAID.has(path[0] ?? "") ? "kept" : "data";
}

/** Whether the protocol has base64 here. */
export function isBase64(part: Part, path: readonly string[]): boolean {
  const name = path.at(-1);
  return (name === "blob" || name === "data") && path.length > 1 && !isFree(part, path);
}
