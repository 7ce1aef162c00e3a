import { z } from "zod";
import { unwrap } from "./schema-walk.ts";

const WANTED: Readonly<Record<string, string>> = {
  boolean: "true or false without quotes",
  number: "a number",
  int: "a whole number",
  string: "a string",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** Our words for what a schema complains about. Never shows the value itself: it may be a secret from the environment. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return "is required";
  if (issue.code === "invalid_type") return `must be ${wanted(issue)}, not ${kindOf(issue.input)}`;
  if (issue.code === "invalid_value") return `must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_union") return `must be ${choicesOf(issue.inst)}, not ${kindOf(issue.input)}`;
  if (issue.code === "too_small") return tooSmall(issue);
  if (issue.code === "too_big") return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
  return issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
}

function wanted({ expected, inst }: z.core.$ZodRawIssue & { expected: string }): string {
  return WANTED[inst instanceof z.ZodNumberFormat ? "int" : expected] ?? expected;
}

function tooSmall({ origin, minimum, inclusive }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string {
  if (origin === "string" || origin === "array") return "must not be empty";
  return inclusive === false ? `must be more than ${minimum}` : `must be at least ${minimum}`;
}

function unitOf(origin: string): string {
  return origin === "string" ? " characters" : "";
}

function choicesOf(union: unknown): string {
  return union instanceof z.ZodUnion ? union.options.map(describeChoice).join(" or ") : "something else";
}

function describeChoice(schema: z.core.$ZodType): string {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodEnum) return inner.options.join(" or ");
  if (inner instanceof z.ZodObject) return `an object with ${Object.keys(inner.shape).join(", ")}`;
  return WANTED[inner._zod.def.type] ?? inner._zod.def.type;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" && !Number.isInteger(value)) return "a fraction";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

type Issue = z.core.$ZodIssue;

/** The issues with those of unions replaced by what the one choice says that is meant, where that can be told. */
export function flattenIssues(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union") return [issue];
    const meant = issue.errors.filter((errors) => !errors.some(missesTheKind));
    const [only] = meant;
    if (meant.length !== 1 || !only) return [issue];
    return flattenIssues(only).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  });
}

function missesTheKind({ path, code }: Issue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_value");
}
