import { GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";

/** A number as a query parameter has it; nothing that is not one is taken for 0. */
export const numeric = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, "expected a number")
  .transform(Number);

/** The query as the schema has it. Throws `request.invalid`, naming every problem, unknown parameters included. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: URLSearchParams): z.infer<Schema> {
  const repeated = [...new Set(query.keys())].filter((name) => query.getAll(name).length > 1);
  if (repeated.length > 0) throw new GovernanceError("request.invalid", `${repeated.join(", ")}: given more than once`);
  const result = schema.safeParse(Object.fromEntries(query));
  if (!result.success) throw new GovernanceError("request.invalid", result.error.issues.map(sentence).join("; "));
  return result.data;
}

function sentence({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}
