import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { policyProblems } from "@mcp-governance-bridge/policy";
import { EXIT_BAD_CONFIGURATION } from "@mcp-governance-bridge/shared";
import {
  type Configuration,
  checkConfigurationFile,
  DEFAULT_CONFIGURATION_FILE,
  formatProblem,
  readDotEnv,
  type Server,
} from "@mcp-governance-bridge/shared/configuration";
import { type Command, UsageError } from "./command.ts";

/** Prints every problem of a configuration file, or what it says; exit status 0 where it can be used, else 2. */
export const validate: Command = {
  usage: "validate [FILE]",
  summary: `check a configuration file (default ${DEFAULT_CONFIGURATION_FILE})`,
  run: async (args, { env, cwd, print, printError }) => {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const [file = DEFAULT_CONFIGURATION_FILE, ...rest] = positionals;
    if (rest.length > 0) throw new UsageError("validate takes one file");
    const options = { env: readDotEnv(cwd, env), problemsOf: policyProblems };
    const { problems, warnings, configuration } = checkConfigurationFile(resolve(cwd, file), options);
    for (const warning of warnings) printError(`${file}: warning: ${warning}`);
    for (const problem of problems) printError(formatProblem(file, problem));
    if (!configuration) {
      printError(problems.length === 1 ? "1 problem" : `${problems.length} problems`);
      return EXIT_BAD_CONFIGURATION;
    }
    for (const line of summaryOf(file, configuration)) print(line);
    return 0;
  },
};

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
