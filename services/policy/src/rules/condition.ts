import { EvaluationError } from "@marcbachmann/cel-js";
import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import { jsonLength } from "../checks/json-length.ts";
import { degreeOf } from "./condition-cost.ts";
import { mentions, type Program, readCondition } from "./condition-source.ts";

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

/** Compiles a condition in CEL. Throws an Error that says what is wrong with it, and where. */
export function compileCondition(source: string): Condition {
  const program = readCondition(source);
  const degree = degreeOf(program.tree);
  if (degree > MAX_DEGREE) throw new Error("its looks through lists, one within the other, go too deep");

  return {
    source,
    readsLabels: mentions(program.tree, "labels"),
    holds(situation) {
      if (degree > 1 && situation.size() ** degree > MAX_WORK) {
        throw new ConditionFailure("the arguments are too large to be compared with one another");
      }
      return resultOf(program, situation.variables);
    },
  };
}

type Variables = Situation["variables"];

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
    return program.run(variables);
  } catch (error) {
    if (error instanceof EvaluationError && error.code !== "unsupported_type") throw error;
    return program.run({ ...variables, args: asMaps(variables.args), annotations: asMaps(variables.annotations) });
  }
}

function asMaps(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(asMaps);
  return new Map(Object.entries(value).map(([key, member]) => [key, asMaps(member)]));
}
