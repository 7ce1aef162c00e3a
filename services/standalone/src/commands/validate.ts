import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { checkPattern } from "@mcp-governance-bridge/policy";
import { EXIT_BAD_CONFIGURATION } from "@mcp-governance-bridge/shared";
import {
  type Configuration,
  checkConfiguration,
  DEFAULT_CONFIGURATION_FILE,
  formatProblem,
  readDotEnv,
  type Server,
} from "@mcp-governance-bridge/shared/configuration";
import { type Command, type Terminal, UsageError } from "./command.ts";

/** Prints every problem of a configuration file, or what it says; exit status 0 where it can be used, else 2. */
export const validate: Command = {
  usage: "validate [FILE]",
  summary: `check a configuration file (default ${DEFAULT_CONFIGURATION_FILE})`,
  run: async (args, terminal) => {
    const [file = DEFAULT_CONFIGURATION_FILE, ...rest] = args;
    if (rest.length > 0) throw new UsageError("validate takes one file");
    const text = await readFile(resolve(terminal.cwd, file), "utf8").catch((cause: Error) => cause);
    if (text instanceof Error) {
      terminal.printError(`cannot read ${file}: ${text.message}`);
      return EXIT_BAD_CONFIGURATION;
    }
    return report(file, text, terminal);
  },
};

function report(file: string, text: string, { env, cwd, print, printError }: Terminal): number {
  const options = { env: readDotEnv(cwd, env), scope: "all", checkPattern } as const;
  const { problems, warnings, configuration } = checkConfiguration(text, options);
  for (const warning of warnings) printError(`${file}: warning: ${warning}`);
  for (const problem of problems) printError(formatProblem(file, problem));
  if (!configuration) {
    printError(problems.length === 1 ? "1 problem" : `${problems.length} problems`);
    return EXIT_BAD_CONFIGURATION;
  }
  for (const line of summaryOf(file, configuration)) print(line);
  return 0;
}

function summaryOf(file: string, { servers, deploymentMode, revision }: Configuration): string[] {
  const width = Math.max(...servers.map(({ name }) => name.length));
  const count = servers.length === 1 ? "1 server" : `${servers.length} servers`;
  return [
    `${file} can be used: ${deploymentMode}, ${count}, revision ${revision}`,
    ...servers.map((server) => `  ${server.name.padEnd(width)}  ${placeOf(server)}`),
  ];
}

function placeOf({ disabled, port, transport, governance }: Server): string {
  if (disabled) return "disabled";
  const prefix = governance.governance_prefix;
  return `port ${port}  ${transport.kind.padEnd("streamable-http".length)}  published as ${prefix && `${prefix}_`}*`;
}
