import { z } from "zod";
import { dataOf, readJsonWithComments } from "./json-text.ts";
import { byPlace, locate, type Problem } from "./problem.ts";
import { schemaFindings } from "./shape.ts";

/** What a schema makes of a JSON text that may have comments, or every problem with its line and column. */
export function checkJson<T>(
  original: string,
  schema: z.ZodType<T>,
): { value: T } | { value: undefined; problems: Problem[] } {
  const { text, tree, findings } = readJsonWithComments(original);
  const value = tree && dataOf(tree);
  const all = [...findings, ...(tree ? schemaFindings(schema, tree, value) : [])];
  if (all.length > 0)
    return { value: undefined, problems: all.map((finding) => locate(text, tree, finding)).sort(byPlace) };
  return { value: schema.parse(value) };
}

/** Any JSON object. */
export const JsonObject = z.record(z.string(), z.unknown());
