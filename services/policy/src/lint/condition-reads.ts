import { childrenOf, type Node } from "../rules/condition-cost.ts";
import { readCondition } from "../rules/condition-source.ts";

/** What can be said of a condition without a call. */
export interface ConditionReading {
  /** What it always comes to; undefined where that depends on the call. */
  constant: boolean | undefined;
  /** The arguments that it reads, as steps into them. */
  reads: readonly (readonly string[])[];
}

/** Reads a condition that is known to be one. */
export function readingOf(source: string): ConditionReading {
  const { tree } = readCondition(source);
  return { constant: constantOf(tree, source), reads: [...unique(readsOf(tree))] };
}

function constantOf(node: Node, source: string): boolean | undefined {
  const { op, args, start, end } = node;
  if (op === "!_") return negated(constantOf(args as Node, source));
  if (op === "&&" || op === "||") {
    const [left, right] = (args as readonly [Node, Node]).map((part) => constantOf(part, source));
    // One false decides an "and", one true an "or".
    const deciding = op === "||";
    if (left === deciding || right === deciding) return deciding;
    return left === undefined || right === undefined ? undefined : !deciding;
  }
  return hasVariable(node) ? undefined : resultOf(source.slice(start, end));
}

/** What a condition without variables comes to. */
function resultOf(source: string): boolean | undefined {
  try {
    const result = readCondition(source).run({});
    return typeof result === "boolean" ? result : undefined;
  } catch {
    return undefined;
  }
}

function negated(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function hasVariable(node: Node): boolean {
  return node.op === "id" || childrenOf(node).some(hasVariable);
}

function readsOf(node: Node): (readonly string[])[] {
  const steps = stepsOf(node);
  if (steps) return steps.length > 0 ? [steps] : [];
  return [...membershipOf(node), ...childrenOf(node).flatMap(readsOf)];
}

/** `args.a["b"]` as its steps; undefined for anything else. */
function stepsOf({ op, args }: Node): readonly string[] | undefined {
  if (op === "id") return args === "args" ? [] : undefined;
  if (op !== "." && op !== "[]") return undefined;
  const [receiver, member] = args as readonly [Node, string | Node];
  const step = typeof member === "string" ? member : textOf(member);
  const before = step === undefined ? undefined : stepsOf(receiver);
  return before && step !== undefined ? [...before, step] : undefined;
}

/** `"a" in args` reads `a`. */
function membershipOf({ op, args }: Node): (readonly string[])[] {
  if (op !== "in") return [];
  const [key, holder] = args as readonly [Node, Node];
  const step = textOf(key);
  const steps = stepsOf(holder);
  return step !== undefined && steps?.length === 0 ? [[step]] : [];
}

function textOf({ op, args }: Node): string | undefined {
  return op === "value" && typeof args === "string" ? args : undefined;
}

function unique(reads: readonly (readonly string[])[]): Iterable<readonly string[]> {
  return new Map(reads.map((steps) => [JSON.stringify(steps), steps])).values();
}
