import { GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";

const MAX_LIMIT = 1_000;
const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 24;

/** A number as a query parameter has it; nothing that is not one is taken for 0. */
export const numeric = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, "expected a number")
  .transform(Number)
  .meta({ type: "number", pattern: undefined });

/** The most documents to answer; more than 1000 are never answered. */
export const limit = numeric
  .pipe(z.int("expected a whole number").min(1))
  .transform((asked) => Math.min(asked, MAX_LIMIT))
  .default(100)
  .meta({ type: "integer", minimum: 1, default: 100 })
  .describe("The most documents to answer; more than 1000 are never answered");

/** Parameters of every question about a time that is past. */
export const recent = {
  hours: numeric
    .default(DEFAULT_HOURS)
    .meta({ default: DEFAULT_HOURS })
    .describe("Only what happened in the last so many hours; 0 or less means all"),
  limit,
};

/** A date before 1970 is none that a store needs to know. */
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(Math.max(0, Date.parse(text))));

/** Parameters of questions about the last hours or any other time. A schema that has them has `checkPeriod` too. */
export const period = {
  hours: numeric
    .optional()
    .describe(
      "Only what happened in the last so many hours (24 where neither from nor to is given); 0 or less means all",
    ),
  from: time.optional().describe("Only what happened at this time or later, ISO 8601; not together with hours"),
  to: time.optional().describe("Only what happened before this time, ISO 8601; not together with hours"),
};

interface Period {
  hours?: number | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** For `superRefine`: one way to say the period, and an order of time. */
export function checkPeriod({ hours, from, to }: Period, context: z.core.$RefinementCtx): void {
  const refuse = (name: string, message: string): void =>
    void context.issues.push({ code: "custom", input: undefined, path: [name], message });
  if (hours !== undefined && (from || to)) refuse("hours", "not together with from or to");
  if (from && to && from >= to) refuse("from", "must be before to");
}

/** Condition on `timestamp` for the period. */
export function during({ hours, from, to }: Period, now: Date): Document {
  if (!from && !to) return within(hours ?? DEFAULT_HOURS, now);
  return { timestamp: { ...(from && { $gte: from }), ...(to && { $lt: to }) } };
}

/** Condition on `timestamp` for the last so many hours. A date cannot lie before 1970 here, however many are asked for. */
export function within(hours: number, now: Date): Document {
  return hours > 0 ? { timestamp: { $gte: new Date(Math.max(0, now.getTime() - hours * HOUR_MS)) } } : {};
}

/** The query as an object. Throws `request.invalid` where a parameter is given more than once. */
export function queryOf(query: URLSearchParams): Record<string, string> {
  const repeated = [...new Set(query.keys())].filter((name) => query.getAll(name).length > 1);
  if (repeated.length > 0) throw new GovernanceError("request.invalid", `${repeated.join(", ")}: given more than once`);
  return Object.fromEntries(query);
}

/** The value as the schema has it. Throws `request.invalid`, naming every problem, unknown members included. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) throw new GovernanceError("request.invalid", problemsOf(result.error).join("; "));
  return result.data;
}

/** One sentence for each problem. */
export function problemsOf(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`));
}
