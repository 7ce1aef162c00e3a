import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { EXIT_BAD_CONFIGURATION } from "../env.ts";
import { StartupError } from "../lifecycle.ts";

/**
 * The environment, completed with what the folder's `.env` file says, where there is one.
 * The real environment wins; an empty value in it counts as unset.
 */
export function readDotEnv(dir: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const real = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  return { ...parseEnv(readIfThere(join(dir, ".env"))), ...real };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return "";
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(`cannot read ${path}: ${reason}`, EXIT_BAD_CONFIGURATION);
  }
}
