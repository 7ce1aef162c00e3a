import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Finding, Path } from "./problem.ts";

/** A JSON text with positions. `tree` is missing where the text is broken. */
export interface JsonText {
  text: string;
  tree: Node | undefined;
  findings: readonly Finding[];
  warnings: readonly string[];
}

/** Strict JSON, except that a byte order mark is dropped and prose before the first `{` is ignored with a warning. */
export function readJsonText(original: string): JsonText {
  const text = original.replace(/^\uFEFF/, "");
  const { json, warnings } = blankProse(text);
  return { ...parseText(json, { comments: false }), text, warnings };
}

/** JSON as people write it for tools: with comments and commas before closing brackets. */
export function readJsonWithComments(original: string): JsonText {
  const text = original.replace(/^\uFEFF/, "");
  return { ...parseText(text, { comments: true }), text, warnings: [] };
}

function parseText(json: string, { comments }: { comments: boolean }): Pick<JsonText, "tree" | "findings"> {
  const errors: ParseError[] = [];
  const options = { disallowComments: !comments, allowTrailingComma: comments, allowEmptyContent: false };
  const tree = parseTree(json, errors, options);
  if (errors.length > 0 || !tree) return { tree: undefined, findings: syntaxFindings(json, errors) };
  return { tree, findings: keyFindings(tree, []) };
}

/** The data of a text. */
export function dataOf(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(dataOf);
  if (node.type !== "object") return node.value;
  const members = (node.children ?? []).map(({ children: [key, value] = [] }) => [key?.value, value && dataOf(value)]);
  return Object.fromEntries(members);
}

/** Spaces instead of prose, so that every position stays what it was. */
function blankProse(text: string): { json: string; warnings: string[] } {
  const start = text.indexOf("{");
  const prose = text.slice(0, Math.max(0, start));
  if (prose.trim() === "") return { json: text, warnings: [] };
  const last = prose.trimEnd().split("\n").length;
  const first = prose.length - prose.trimStart().length;
  const from = prose.slice(0, first).split("\n").length;
  const lines = from === last ? `line ${from}` : `lines ${from} to ${last}`;
  const json = prose.replaceAll(/[^\n]/g, " ") + text.slice(start);
  return { json, warnings: [`ignored what stands before the first "{": ${lines}`] };
}

/** One finding for each broken line, since one slip makes the parser stumble several times. */
function syntaxFindings(text: string, errors: readonly ParseError[]): Finding[] {
  const byLine = new Map<number, Finding>();
  for (const { error, offset } of errors) {
    const line = text.slice(0, offset).split("\n").length;
    const message = `invalid JSON: ${inWords(printParseErrorCode(error))}`;
    if (!byLine.has(line)) byLine.set(line, { path: [], message, offset });
  }
  return [...byLine.values()];
}

function inWords(code: string): string {
  return code.replaceAll(/(?<=[a-z])([A-Z])/g, " $1").toLowerCase();
}

function keyFindings(node: Node, path: Path): Finding[] {
  const children = node.children ?? [];
  if (node.type === "array") return children.flatMap((child, index) => keyFindings(child, [...path, index]));
  const seen = new Set<string>();
  return children.flatMap((property) => {
    const [key, value] = property.children ?? [];
    if (!key || !value) return [];
    const name = String(key.value);
    const inner = [...path, name];
    const own = keyFinding(name, seen).map((message) => ({ path: inner, message, offset: key.offset }));
    seen.add(name);
    return [...own, ...keyFindings(value, inner)];
  });
}

function keyFinding(name: string, seen: ReadonlySet<string>): string[] {
  if (seen.has(name)) return ["is there twice"];
  return name === "__proto__" ? ["is not allowed as a key"] : [];
}
