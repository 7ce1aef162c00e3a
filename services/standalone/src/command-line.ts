import { readFileSync } from "node:fs";
import { StartupError } from "@mcp-governance-bridge/shared";
import { auditAnchor } from "./commands/audit/anchor.ts";
import { auditKey } from "./commands/audit/key.ts";
import { auditVerify } from "./commands/audit/verify.ts";
import { type Command, type Terminal, UsageError } from "./commands/command.ts";
import { deadLetters } from "./commands/dead-letters.ts";
import { findCommand } from "./commands/find-command.ts";
import { importServers } from "./commands/import.ts";
import { explainPolicy } from "./commands/policy/explain.ts";
import { replayPolicy } from "./commands/policy/replay.ts";
import { testPolicy } from "./commands/policy/test.ts";
import { validate } from "./commands/validate.ts";

/** By the words that call them; a name may have two: `policy test`. */
const commands: Readonly<Record<string, Command>> = {
  validate,
  import: importServers,
  "dead-letters": deadLetters,
  "audit verify": auditVerify,
  "audit key": auditKey,
  "audit anchor": auditAnchor,
  "policy test": testPolicy,
  "policy explain": explainPolicy,
  "policy replay": replayPolicy,
};

const EXIT_USAGE = 2;

/** Does what the command line asks for and resolves to the exit status: 0 done, 2 wrong usage or configuration. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (cause) {
    if (cause instanceof StartupError) {
      terminal.printError(cause.message);
      return cause.exitCode;
    }
    if (!isUsageError(cause)) throw cause;
    terminal.printError(`${cause.message}\n\n${usage()}`);
    return EXIT_USAGE;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const overall = overallOption(args[0]);
  if (overall) {
    terminal.print(overall());
    return 0;
  }
  const { command, rest } = findCommand(commands, args);
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.print(`usage: npm run bridge -- ${command.usage}\n\n${command.summary}`);
    return 0;
  }
  return command.run(rest, terminal);
}

function overallOption(option: string | undefined): (() => string) | undefined {
  if (option === "--help" || option === "-h") return usage;
  return option === "--version" || option === "-v" ? version : undefined;
}

function isUsageError(cause: unknown): cause is Error {
  if (cause instanceof UsageError) return true;
  return cause instanceof Error && "code" in cause && String(cause.code).startsWith("ERR_PARSE_ARGS");
}

function usage(): string {
  const rows = [
    ...Object.values(commands).map(({ usage, summary }) => [usage, summary] as const),
    ["--help", "print this; after a command, how that is called"] as const,
    ["--version", "print the version"] as const,
  ];
  const lines = rows.map(([what, meaning]) => `  ${what}\n      ${meaning}`);
  return ["usage: npm run bridge -- COMMAND", "", ...lines].join("\n");
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return manifest.version;
}
