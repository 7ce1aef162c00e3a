import { type Environment, EvaluationError, ParseError, TypeError as TypeProblem } from "@marcbachmann/cel-js";
import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import { jsonLength } from "../checks/json-length.ts";
import { childrenOf, degreeOf, type Node } from "./condition-cost.ts";
import { createLanguage, OURS } from "./condition-language.ts";
import { localTime } from "./local-time.ts";
import { compileRe2 } from "./re2.ts";

/** At most this much work, in characters of arguments looked at, where a condition compares arguments with one another. */
const MAX_WORK = 100_000_000;
const MAX_DEGREE = 3;

/** What a condition is asked about. The same object for all conditions of one call. */
export interface Situation {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Characters of the arguments as JSON. */
  size(): number;
}

/** A condition ready to be asked. */
export interface Condition {
  source: string;
  /** Whether it needs to know the labels that the session carries. */
  readsLabels: boolean;
  /** Throws a ConditionFailure where it cannot be told. */
  holds(situation: Situation): boolean;
}

/** A condition cannot be evaluated for this call: a member is missing, or of another type. */
export class ConditionFailure extends Error {
  override readonly name = "ConditionFailure";
}

/** Everything conditions may ask about a call. */
export function situationOf(
  request: Omit<DecisionRequest, "callId" | "sessionId">,
  { now, labels }: { now: Date; labels: readonly string[] },
): Situation {
  const { principal, roles, client, server, target, method, annotations = {} } = request;
  const args = request.arguments === undefined ? {} : request.arguments;
  const variables = {
    args,
    principal,
    roles,
    client: client?.name ?? "",
    server,
    tool: target,
    method,
    annotations,
    labels,
    now,
  };
  let size: number | undefined;
  return {
    variables,
    size() {
      size ??= jsonLength(args);
      return size;
    },
  };
}

/** The reason why `source` is no condition, with its place in it; undefined where it is one. */
export function conditionProblem(source: string): string | undefined {
  try {
    compileCondition(source);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const language: Environment = createLanguage();

/** Parses and checks a condition in CEL. Throws an Error that says what is wrong with it, and where. */
export function compileCondition(source: string): Condition {
  const program = parse(source);
  const tree = program.ast as Node;
  visit(tree, useOurs);
  const checked = program.check();
  if (!checked.valid) throw told(checked.error);
  if (checked.type !== "bool" && checked.type !== "dyn") {
    throw new Error(`its result is of type ${checked.type}; a condition must be true or false`);
  }
  const degree = degreeOf(tree);
  if (degree > MAX_DEGREE) throw new Error("its looks through lists, one within the other, go too deep");
  return {
    source,
    readsLabels: mentions(tree, "labels"),
    holds(situation) {
      if (degree > 1 && situation.size() ** degree > MAX_WORK) {
        throw new ConditionFailure("the arguments are too large to be compared with one another");
      }
      return resultOf(program, situation.variables);
    },
  };
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

type Variables = Situation["variables"];
type Program = (variables: Variables) => unknown;

function resultOf(program: Program, variables: Variables): boolean {
  const result = attempt(program, variables);
  if (typeof result === "boolean") return result;
  throw new ConditionFailure("its result is neither true nor false");
}

function attempt(program: Program, variables: Variables): unknown {
  try {
    return evaluate(program, variables);
  } catch (error) {
    throw new ConditionFailure(error instanceof EvaluationError ? error.summary : "it cannot be evaluated");
  }
}

/** cel-js takes an object with a member `constructor` for one of a class it does not know; a Map it always understands. */
function evaluate(program: Program, variables: Variables): unknown {
  try {
    return program(variables);
  } catch (error) {
    if (error instanceof EvaluationError && error.code !== "unsupported_type") throw error;
    return program({ ...variables, args: asMaps(variables.args), annotations: asMaps(variables.annotations) });
  }
}

function asMaps(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(asMaps);
  return new Map(Object.entries(value).map(([key, member]) => [key, asMaps(member)]));
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node);
  for (const child of childrenOf(node)) visit(child, see);
}

function mentions(root: Node, name: string): boolean {
  let isFound = false;
  visit(root, ({ op, args }) => {
    if (op === "id" && args === name) isFound = true;
  });
  return isFound;
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
  if (name === "matches") checkPattern(given, node);
  else checkZone(given, node);
  call[0] = ours;
}

function checkPattern(given: readonly Node[], node: Node): void {
  const source = literalOf(given[0], node, "matches(…) needs its pattern as a text in quotes");
  attemptAt(node, () => compileRe2(source));
}

function checkZone(given: readonly Node[], node: Node): void {
  if (given.length === 0) return;
  const timeZone = literalOf(given[0], node, "a time zone must be a text in quotes");
  attemptAt(node, () => localTime(new Date(0), timeZone));
}

function literalOf(given: Node | undefined, { start }: Node, problem: string): string {
  if (given?.op === "value" && typeof given.args === "string") return given.args;
  throw new Error(`${problem} (at character ${start + 1})`);
}

function attemptAt({ start }: Node, act: () => unknown): void {
  try {
    act();
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)} (at character ${start + 1})`);
  }
}
