import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { StartupError } from "@mcp-governance-bridge/shared";
import { type Command, type Terminal, UsageError } from "./commands/command.ts";
import { validate } from "./commands/validate.ts";

const commands: Readonly<Record<string, Command>> = { validate };

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
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, version: { type: "boolean", short: "v" } },
  });
  if (values.help || values.version) {
    terminal.print(values.help ? usage() : version());
    return 0;
  }
  const [name, ...rest] = positionals;
  if (name === undefined) throw new UsageError("no command given");
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`unknown command "${name}"`);
  return command.run(rest, terminal);
}

function isUsageError(cause: unknown): cause is Error {
  if (cause instanceof UsageError) return true;
  return cause instanceof Error && "code" in cause && String(cause.code).startsWith("ERR_PARSE_ARGS");
}

function usage(): string {
  const rows = Object.values(commands).map(({ usage, summary }): [string, string] => [usage, summary]);
  const options: [string, string][] = [
    ["--help", "print this"],
    ["--version", "print the version"],
  ];
  const lines = [...rows, ...options].map(([what, meaning]) => `  ${what.padEnd(18)}${meaning}`);
  return ["usage: npm run bridge -- COMMAND", "", ...lines].join("\n");
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return manifest.version;
}
