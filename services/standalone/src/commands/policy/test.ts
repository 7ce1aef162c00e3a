import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Coverage, coverageOf, PolicyTests, runPolicyTests, type TestResult } from "@mcp-governance-bridge/policy";
import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import { checkJson, formatProblem } from "@mcp-governance-bridge/shared/configuration";
import { type Command, type Terminal, UsageError } from "../command.ts";
import { explanationText, outcomeText } from "./explanation-text.ts";
import { readPolicyFile } from "./policy-file.ts";
import { simulationStores } from "./simulation-stores.ts";

const USUAL_TESTS = "policy-tests.json";

/** Makes the calls of test files against the rules of a configuration file; exit status 0 where all is as expected, 1 where it is not. */
export const testPolicy: Command = {
  usage: "policy test [FILE...] [--config FILE] [--min-coverage PERCENT]",
  summary: `try the rules on calls with expected decisions (default: ${USUAL_TESTS} beside the configuration)`,
  run: async (args, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { config: { type: "string" }, "min-coverage": { type: "string" } },
    });
    const wanted = percentOf(values["min-coverage"]);
    const { name, document, policies } = await readPolicyFile(values.config, terminal);
    const files = positionals.length > 0 ? positionals : [join(dirname(name), USUAL_TESTS)];
    const results: TestResult[] = [];
    for (const file of files) {
      const found = await runPolicyTests(policies, await readTests(file, terminal), simulationStores);
      for (const line of found.flatMap((result) => failureText(file, result))) terminal.print(line);
      results.push(...found);
    }
    const failed = results.filter(({ failure }) => failure !== undefined).length;
    const coverage = coverageOf(document, new Set(results.flatMap(({ matched }) => matched)));
    terminal.print(`${results.length - failed} passed, ${failed} failed`);
    for (const line of coverageText(coverage, wanted)) terminal.print(line);
    return failed > 0 || coverage.percent < wanted ? 1 : 0;
  },
};

function percentOf(given: string | undefined): number {
  if (given === undefined) return 0;
  const percent = Number(given);
  if (given.trim() === "" || !(percent >= 0 && percent <= 100)) {
    throw new UsageError("--min-coverage takes a number from 0 to 100");
  }
  return percent;
}

async function readTests(file: string, { cwd }: Terminal): Promise<PolicyTests> {
  const text = await readFile(resolve(cwd, file), "utf8").catch((cause: Error) => {
    throw new StartupError(`cannot read ${file}: ${cause.message}`, EXIT_BAD_CONFIGURATION);
  });
  const checked = checkJson(text, PolicyTests);
  if (checked.value !== undefined) return checked.value;
  const lines = checked.problems.map((problem) => formatProblem(file, problem));
  throw new StartupError(lines.join("\n"), EXIT_BAD_CONFIGURATION);
}

function failureText(file: string, { name, failure, repetitions }: TestResult): string[] {
  if (!failure) return [];
  const { differences, repetition, actual, explanation } = failure;
  const refusal = actual.effect === "deny" ? actual : { code: null, reason: null };
  const times = repetitions === 1 ? "" : ` (call ${repetition} of ${repetitions})`;
  return [
    `FAILED ${file}: ${name}${times}`,
    ...differences.map((difference) => `  ${difference}`),
    `  it came out as ${outcomeText({ ...actual, ...refusal })}`,
    ...explanationText(explanation, "  "),
    "",
  ];
}

function coverageText({ rules, untested, percent }: Coverage, wanted: number): string[] {
  if (rules.length === 0) return ["there are no rules to cover"];
  const tested = `rules that matched in a test: ${rules.length - untested.length} of ${rules.length}`;
  const lacking = percent < wanted ? `, less than the ${wanted} % asked for` : "";
  return [`${tested} (${Math.floor(percent)} %)${lacking}`, ...untested.map((rule) => `  in no test: ${rule}`)];
}
