import { type Environment, ParseError, TypeError as TypeProblem } from "@marcbachmann/cel-js";
import { checkPattern } from "@mcp-governance-bridge/shared/patterns";
import { childrenOf, type Node } from "./condition-cost.ts";
import { createLanguage, OURS } from "./condition-language.ts";
import { localTime } from "./local-time.ts";

/** A condition parsed and checked: it yields true or false, or what only the call can tell. */
export interface Program {
  tree: Node;
  run(variables: Readonly<Record<string, unknown>>): unknown;
}

const language: Environment = createLanguage();

/** Reads a condition in CEL. Throws an Error that says what is wrong with it, and where. */
export function readCondition(source: string): Program {
  const program = parse(source);
  const tree = program.ast as Node;
  visit(tree, useOurs);
  visit(tree, checkNumber);
  const checked = program.check();
  if (!checked.valid) throw told(checked.error);
  if (checked.type !== "bool" && checked.type !== "dyn") {
    throw new Error(`its result is of type ${checked.type}; a condition must be true or false`);
  }
  return { tree, run: program };
}

/** Whether the variable stands in it. */
export function mentions(root: Node, name: string): boolean {
  let isFound = false;
  visit(root, ({ op, args }) => {
    if (op === "id" && args === name) isFound = true;
  });
  return isFound;
}

function parse(source: string): ReturnType<Environment["parse"]> {
  try {
    return language.parse(source);
  } catch (error) {
    throw told(error);
  }
}

function told(error: unknown): Error {
  if (!(error instanceof ParseError || error instanceof TypeProblem)) return new Error("it cannot be read");
  const summary = Object.entries(OURS).reduce((text, [theirs, ours]) => text.replaceAll(ours, theirs), error.summary);
  return new Error(error.range ? `${summary} (at character ${error.range.start + 1})` : summary);
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node);
  for (const child of childrenOf(node)) visit(child, see);
}

/** What would be matched by JavaScript's regular expressions, or by the host's clock, is ours; its settings must be known beforehand. */
function useOurs(node: Node): void {
  if (node.op === "call") {
    const [name, given] = node.args as [string, readonly Node[]];
    if (name === "duration") literalOf(given[0], node, "duration(…) needs a text in quotes");
  }
  if (node.op !== "rcall") return;
  const call = node.args as [string, Node, readonly Node[]];
  const [name, , given] = call;
  const ours = Object.hasOwn(OURS, name) ? OURS[name] : undefined;
  if (ours === undefined) return;
  if (name === "matches") checkMatches(given, node);
  else checkZone(given, node);
  call[0] = ours;
}

/** Numbers of JSON are doubles: beyond these, a call with another number would be taken for one with this. */
function checkNumber({ op, args, start }: Node): void {
  if (op !== "value" || typeof args !== "bigint" || Number.isSafeInteger(Number(args))) return;
  throw new Error(`${args} is too large to be told from its neighbours (at character ${start + 1})`);
}

function checkMatches(given: readonly Node[], node: Node): void {
  const source = literalOf(given[0], node, "matches(…) needs its pattern as a text in quotes");
  const problem = checkPattern(source);
  if (problem !== undefined) throw new Error(`${problem} (at character ${node.start + 1})`);
}

function checkZone(given: readonly Node[], node: Node): void {
  if (given.length === 0) return;
  const timeZone = literalOf(given[0], node, "a time zone must be a text in quotes");
  try {
    localTime(new Date(0), timeZone);
  } catch {
    throw new Error(`there is no time zone ${timeZone} (at character ${node.start + 1})`);
  }
}

function literalOf(given: Node | undefined, { start }: Node, problem: string): string {
  if (given?.op === "value" && typeof given.args === "string") return given.args;
  throw new Error(`${problem} (at character ${start + 1})`);
}
