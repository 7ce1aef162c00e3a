import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { policyProblems } from "@mcp-governance-bridge/policy";
import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import { type Command, type Terminal, UsageError } from "./command.ts";
import { readClientFile } from "./import/client-file.ts";
import { importServers as convert, type Imported } from "./import/import-servers.ts";

/** Makes a configuration of the servers in a desktop client's file; exit status 0 where there is at least one, else 2. */
export const importServers: Command = {
  usage: "import FILE [--out FILE]",
  summary:
    "make a configuration of the MCP servers of a desktop client (prints it, or writes a file that is not there)",
  run: async (args, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: "string" } },
    });
    const [file, ...rest] = positionals;
    if (file === undefined || rest.length > 0) throw new UsageError("import takes one file");
    const imported = convert(readClientFile(file, await readText(file, terminal)), policyProblems);
    return report(imported, values.out, terminal);
  },
};

async function report(imported: Imported, out: string | undefined, terminal: Terminal): Promise<number> {
  const count = Object.keys(imported.servers).length;
  for (const note of imported.notes) terminal.printError(note);
  if (count === 0) {
    terminal.printError("no server can be imported");
    return EXIT_BAD_CONFIGURATION;
  }
  const text = JSON.stringify({ mcpServers: imported.servers }, null, 2);
  if (out === undefined) terminal.print(text);
  else await writeNew(out, `${text}\n`, terminal);
  if (out !== undefined) terminal.print(`wrote ${out}: ${count === 1 ? "1 server" : `${count} servers`}`);
  if (imported.variables.length > 0) {
    terminal.printError("set these variables, in the environment or in .env:");
    for (const name of imported.variables) terminal.printError(`  ${name}`);
  }
  return 0;
}

async function readText(file: string, { cwd }: Terminal): Promise<string> {
  return readFile(resolve(cwd, file), "utf8").catch((cause: Error) => {
    throw new StartupError(`cannot read ${file}: ${cause.message}`, EXIT_BAD_CONFIGURATION);
  });
}

async function writeNew(file: string, text: string, { cwd }: Terminal): Promise<void> {
  await writeFile(resolve(cwd, file), text, { flag: "wx" }).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "EEXIST" ? "it is there already, and import overwrites nothing" : cause.message;
    throw new StartupError(`cannot write ${file}: ${reason}`, EXIT_BAD_CONFIGURATION);
  });
}
