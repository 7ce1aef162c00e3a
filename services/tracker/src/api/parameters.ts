import { GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";

const MAX_LIMIT = 1_000;
const HOUR_MS = 3_600_000;

/** A number as a query parameter has it; nothing that is not one is taken for 0. */
export const numeric = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, "expected a number")
  .transform(Number);

/** Parameters of every question about a time that is past. */
export const recent = {
  /** Only what happened in the last so many hours; 0 or less means all. */
  hours: numeric.default(24),
  /** The most documents to answer; more than 1000 are never answered. */
  limit: numeric
    .pipe(z.int("expected a whole number").min(1))
    .transform((limit) => Math.min(limit, MAX_LIMIT))
    .default(100),
};

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
  if (!result.success) throw new GovernanceError("request.invalid", result.error.issues.map(sentence).join("; "));
  return result.data;
}

function sentence({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}
