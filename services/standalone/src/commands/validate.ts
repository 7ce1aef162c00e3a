import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Catalogue, lintPolicies, policyProblems } from "@mcp-governance-bridge/policy";
import { EXIT_BAD_CONFIGURATION } from "@mcp-governance-bridge/shared";
import {
  type CheckResult,
  type Configuration,
  checkConfigurationFile,
  DEFAULT_CONFIGURATION_FILE,
  formatProblem,
  type ProblemsOf,
  readDotEnv,
  type Server,
} from "@mcp-governance-bridge/shared/configuration";
import { toolCatalogue } from "@mcp-governance-bridge/tracker";
import { type Command, type Terminal, UsageError } from "./command.ts";
import { openRecord, type RecordPlace, recordOptions } from "./record.ts";

/** Prints every problem of a configuration file, or what it says, with rules that look like mistakes; exit status 0 where it can be used, else 2. */
export const validate: Command = {
  usage: "validate [FILE] [--data DIR | --mongodb-uri URI]",
  summary: `check a configuration file (default ${DEFAULT_CONFIGURATION_FILE}), its rules against the tools on record too`,
  run: async (args, terminal) => {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: recordOptions });
    const [file = DEFAULT_CONFIGURATION_FILE, ...rest] = positionals;
    if (rest.length > 0) throw new UsageError("validate takes one file");
    const { print, printError } = terminal;
    const { problems, warnings, configuration } = check(file, policyProblems, terminal);
    for (const warning of warnings) printError(`${file}: warning: ${warning}`);
    for (const problem of problems) printError(formatProblem(file, problem));
    if (!configuration) {
      printError(problems.length === 1 ? "1 problem" : `${problems.length} problems`);
      return EXIT_BAD_CONFIGURATION;
    }
    const tools = await knownTools(values, terminal);
    // A document's findings get their places in the file in the way that its problems do.
    const findings = check(file, (document) => lintPolicies(document, tools.catalogue), terminal).problems;
    for (const finding of findings) {
      printError(formatProblem(file, { ...finding, message: `warning: ${finding.message}` }));
    }
    for (const line of [...summaryOf(file, configuration), toolsText(configuration, tools)]) print(line);
    return 0;
  },
};

function check(file: string, problemsOf: ProblemsOf, { cwd, env }: Terminal): CheckResult {
  return checkConfigurationFile(resolve(cwd, file), { env: readDotEnv(cwd, env), problemsOf });
}

interface KnownTools {
  catalogue: Catalogue;
  /** Where they are known from. */
  source: string | undefined;
}

async function knownTools(place: RecordPlace, terminal: Terminal): Promise<KnownTools> {
  const record = await openRecord(place, terminal);
  if (!record) return { catalogue: new Map(), source: undefined };
  try {
    return { catalogue: await toolCatalogue(record.reader), source: record.name };
  } finally {
    await record.reader.close();
  }
}

/** So that nobody takes silence for health. */
function toolsText({ servers }: Configuration, { catalogue, source }: KnownTools): string {
  const enabled = servers.filter(({ disabled }) => !disabled).map(({ name }) => name);
  const unknown = enabled.filter((name) => !catalogue.has(name));
  if (source === undefined) return "rules were not checked against tools: no record was found (--data, --mongodb-uri)";
  if (unknown.length === 0) return `rules were checked against the tools on record in ${source}`;
  return `rules were checked against the tools on record in ${source}, which has none of ${unknown.join(", ")}`;
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
