import { readFile } from "node:fs/promises";
import { EXIT_BAD_CONFIGURATION } from "../env.ts";
import { StartupError } from "../lifecycle.ts";
import { type CheckOptions, checkConfiguration } from "./check.ts";
import { formatProblem } from "./problem.ts";
import type { Configuration } from "./types.ts";

/** The file that is read where no other is named, in the working directory. */
export const DEFAULT_CONFIGURATION_FILE = "mcp_governance_config.json";

/** The configuration in a text. Throws a StartupError with exit status 2 that lists every problem, one a line. */
export function parseConfiguration(text: string, options: CheckOptions & { source: string }): Configuration {
  const { problems, configuration } = checkConfiguration(text, options);
  if (configuration) return configuration;
  const lines = problems.map((problem) => formatProblem(options.source, problem));
  throw new StartupError(["invalid configuration", ...lines].join("\n"), EXIT_BAD_CONFIGURATION);
}

/** The configuration in a file. Rejects as `parseConfiguration` throws, and so where the file cannot be read. */
export async function loadConfigurationFile(path: string, options: CheckOptions): Promise<Configuration> {
  return parseConfiguration(await readText(path), { ...options, source: path });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(`cannot read the configuration file ${path}: ${reason}`, EXIT_BAD_CONFIGURATION);
  }
}
