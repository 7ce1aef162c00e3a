import { findNodeAtLocation, type Node } from "jsonc-parser";

/** Keys and indexes that lead to a value of the file. */
export type Path = readonly (string | number)[];

/** What is wrong at a path; `offset` where that is another place than the value's beginning. */
export interface Finding {
  path: Path;
  message: string;
  offset?: number;
}

/** One thing that keeps the configuration from being used. Lines and columns count from 1. */
export interface Problem {
  line: number;
  column: number;
  path: string;
  message: string;
}

/** True for the outer path itself and for every path below it. */
export function isWithin(path: Path, outer: Path): boolean {
  return outer.every((step, index) => path[index] === step);
}

/** `mcpServers.weather.governance.allowed_hours[0]`; empty for the file as a whole. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => text + formatStep(step, text === ""), "");
}

function formatStep(step: string | number, first: boolean): string {
  if (typeof step === "number") return `[${step}]`;
  if (!/^[\w$-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
  return first ? step : `.${step}`;
}

/** `source:line:column path: what is wrong`. */
export function formatProblem(source: string, problem: Problem): string {
  const path = problem.path === "" ? "" : ` ${problem.path}:`;
  return `${source}:${problem.line}:${problem.column}${path} ${problem.message}`;
}

/** Gives a finding its place in the text: that of the value, or of the nearest enclosing value that exists. */
export function locate(text: string, tree: Node | undefined, finding: Finding): Problem {
  const offset = finding.offset ?? nearestNode(tree, finding.path)?.offset ?? 0;
  const lines = text.slice(0, offset).split("\n");
  return {
    line: lines.length,
    column: (lines.at(-1)?.length ?? 0) + 1,
    path: formatPath(finding.path),
    message: finding.message,
  };
}

/** Orders problems as a reader meets them. */
export function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}

/** Where the key itself stands of the value at this path. */
export function keyOffset(tree: Node, path: Path): number | undefined {
  return findNodeAtLocation(tree, [...path])?.parent?.offset;
}

function nearestNode(tree: Node | undefined, path: Path): Node | undefined {
  if (!tree) return undefined;
  const node = findNodeAtLocation(tree, [...path]);
  return node ?? (path.length === 0 ? tree : nearestNode(tree, path.slice(0, -1)));
}
