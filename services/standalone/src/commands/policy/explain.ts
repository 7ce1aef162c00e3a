import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { explain, HypotheticalCall, requestFor } from "@mcp-governance-bridge/policy";
import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import { checkJson, formatProblem } from "@mcp-governance-bridge/shared/configuration";
import { type Command, type Terminal, UsageError } from "../command.ts";
import { recordOptions } from "../record.ts";
import { explainDecision } from "./explain-decision.ts";
import { explanationText, outcomeText } from "./explanation-text.ts";
import { readPolicyFile } from "./policy-file.ts";

/** Says why a decision on record came out as it did, or how a call that nobody made would; exit status 0 where it can be said, else 2. */
export const explainPolicy: Command = {
  usage: "policy explain (--decision ID [--data DIR | --mongodb-uri URI] | --call FILE [--config FILE]) [--json]",
  summary: "say which rules were looked at for a decision, or for a call in a file (- for the standard input), and why",
  run: async (args, terminal) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...recordOptions,
        decision: { type: "string" },
        call: { type: "string" },
        config: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const { decision, call, config, json } = values;
    if ((decision === undefined) === (call === undefined)) throw new UsageError("give one of --decision and --call");
    if (call === undefined && config !== undefined) throw new UsageError("--config goes with --call");
    const lines =
      decision === undefined
        ? await explainCall({ file: call ?? "-", config, json }, terminal)
        : await explainDecision({ id: decision, place: values, json }, terminal);
    for (const line of lines) terminal.print(line);
    return 0;
  },
};

interface Asked {
  file: string;
  config: string | undefined;
  json: boolean;
}

async function explainCall({ file, config, json }: Asked, terminal: Terminal): Promise<string[]> {
  const { name, policies } = await readPolicyFile(config, terminal);
  const call = await readCall(file, terminal);
  const at = call.at === undefined ? new Date() : new Date(call.at);
  const explanation = explain(policies, requestFor(call, randomUUID()), { at, labels: call.labels });
  if (json) return [JSON.stringify(explanation, null, 2)];
  return [`by ${name}, at ${explanation.at}`, outcomeText(explanation), "", ...explanationText(explanation)];
}

async function readCall(file: string, terminal: Terminal): Promise<HypotheticalCall> {
  const checked = checkJson(await readText(file, terminal), HypotheticalCall);
  if (checked.value !== undefined) return checked.value;
  const source = file === "-" ? "standard input" : file;
  const lines = checked.problems.map((problem) => formatProblem(source, problem));
  throw new StartupError(lines.join("\n"), EXIT_BAD_CONFIGURATION);
}

async function readText(file: string, { cwd, readInput }: Terminal): Promise<string> {
  if (file === "-") return readInput();
  return readFile(resolve(cwd, file), "utf8").catch((cause: Error) => {
    throw new StartupError(`cannot read ${file}: ${cause.message}`, EXIT_BAD_CONFIGURATION);
  });
}
