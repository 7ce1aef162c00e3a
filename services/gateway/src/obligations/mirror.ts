import { splice } from "../jsonrpc/message.ts";
import type { Span } from "../jsonrpc/scan.ts";
import { Walk } from "../jsonrpc/walk.ts";

/** Steps of pointers below `/structuredContent`. */
export function mirroredSteps(selections: readonly (readonly string[])[]): string[][] {
  return selections.filter(([root]) => root === "structuredContent").map((steps) => steps.slice(1));
}

/** Tools say structured content once more as text, for older clients: `/content/<index>/text`. */
export function isMirror([root, _, member, ...more]: readonly string[]): boolean {
  return root === "content" && member === "text" && more.length === 0;
}

/** The text with what is pointed at masked, where it is JSON; nothing else of it changes. */
export function maskMirror(text: string, selections: readonly (readonly string[])[], mask: string) {
  if (!isJson(text)) return { text, count: 0 };
  const walk = new Walk(text, { start: 0, end: text.length });
  const edits: [Span, string][] = [];
  while (walk.next()) {
    if (walk.kind === "key" || walk.value === "null" || !isWithin(walk.path, selections)) continue;
    edits.push([{ start: walk.start, end: walk.end }, JSON.stringify(mask)]);
  }
  return { text: edits.length === 0 ? text : splice(text, edits), count: edits.length };
}

/** Whether a path is one of those that are pointed at, or below one. */
export function isWithin(path: readonly string[], selections: readonly (readonly string[])[]): boolean {
  return selections.some(
    (steps) => steps.length <= path.length && steps.every((step, at) => step === "*" || step === path[at]),
  );
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
