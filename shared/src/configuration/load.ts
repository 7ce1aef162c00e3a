import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { EXIT_BAD_CONFIGURATION } from "../env.ts";
import { StartupError } from "../lifecycle.ts";
import { type CheckOptions, type CheckResult, checkConfiguration } from "./check.ts";
import { formatProblem } from "./problem.ts";
import type { Configuration } from "./types.ts";

/** The file that is read where no other is named, in the working directory. */
export const DEFAULT_CONFIGURATION_FILE = "mcp_governance_config.json";

/** How a file is checked; the files that it names are read relative to it. */
export type FileOptions = Omit<CheckOptions, "readPack">;

/** The text of a file; throws where it cannot be read. */
export type ReadText = (path: string) => string;

const readUtf8: ReadText = (path) => readFileSync(path, "utf8");

/** Checks a configuration file and the files that it names. Throws a StartupError where the file itself cannot be read. */
export function checkConfigurationFile(path: string, options: FileOptions, read: ReadText = readUtf8): CheckResult {
  const readPack = (pack: string) => read(resolve(dirname(path), pack));
  return checkConfiguration(readConfiguration(path, read), { ...options, readPack });
}

/** The configuration in a file. Rejects with a StartupError of exit status 2 that lists every problem, one a line. */
export async function loadConfigurationFile(path: string, options: FileOptions): Promise<Configuration> {
  return usable(path, checkConfigurationFile(path, options));
}

/** The configuration of a checked file. Throws a StartupError of exit status 2 that lists every problem, one a line. */
export function usable(path: string, { problems, configuration }: CheckResult): Configuration {
  if (configuration) return configuration;
  const lines = problems.map((problem) => formatProblem(path, problem));
  throw new StartupError(["invalid configuration", ...lines].join("\n"), EXIT_BAD_CONFIGURATION);
}

function readConfiguration(path: string, read: ReadText): string {
  try {
    return read(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(`cannot read the configuration file ${path}: ${reason}`, EXIT_BAD_CONFIGURATION);
  }
}
