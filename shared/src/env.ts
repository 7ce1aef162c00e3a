import { readFileSync } from "node:fs";
import { z } from "zod";
import { StartupError } from "./lifecycle.ts";

/** Exit status of every command that was given a bad configuration. */
export const EXIT_BAD_CONFIGURATION = 2;

/**
 * Reads a service's whole static configuration once, and names every problem at once.
 * `NAME_FILE` stands for `NAME` with the value in a file, as Docker and Kubernetes hand out secrets; an empty value counts as unset.
 * Throws a StartupError with exit status 2.
 */
export function loadEnv<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: NodeJS.ProcessEnv,
): Readonly<z.infer<z.ZodObject<Shape>>> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = lookUp(name, env);
    if (value) values[name] = value;
  }
  const result = schema.safeParse(values);
  if (!result.success) {
    throw new StartupError(`invalid environment\n${z.prettifyError(result.error)}`, EXIT_BAD_CONFIGURATION);
  }
  return Object.freeze(result.data);
}

function lookUp(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const file = env[`${name}_FILE`];
  if (env[name] || !file) return env[name];
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(`invalid environment\n${name}_FILE: ${reason}`, EXIT_BAD_CONFIGURATION);
  }
}

/** A port number in an environment variable. 0 lets the system choose. */
export const Port = z.coerce.number().int().min(0).max(65_535);

/** Items separated by commas. */
export const CommaList = z
  .string()
  .default("")
  .transform((text) => text.split(",").flatMap((item) => item.trim() || []));
