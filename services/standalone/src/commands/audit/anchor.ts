import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import type { Command } from "../command.ts";
import { clientOptions, governanceClient } from "../governance-client.ts";

interface Listed {
  partition: string;
}

const PATH = "/governance/audit/checkpoints?limit=1000";

/** Prints the newest checkpoint of each chain, or writes them to a file; exit status 0, 2 where there is none. */
export const auditAnchor: Command = {
  usage: "audit anchor [--out FILE] [--url URL]",
  summary: "take down where the audit trail stands, to be kept elsewhere; asks the API, by default on this machine",
  run: async (args, terminal) => {
    const { values } = parseArgs({ args: [...args], options: { ...clientOptions, out: { type: "string" } } });
    const checkpoints = await governanceClient(values, terminal).ask<Listed[]>(PATH);
    if (checkpoints.length === 0) throw new StartupError("there is no checkpoint yet", EXIT_BAD_CONFIGURATION);
    const text = JSON.stringify(newestOfEach(checkpoints), null, 2);
    if (values.out === undefined) terminal.print(text);
    else await writeFile(resolve(terminal.cwd, values.out), `${text}\n`);
    return 0;
  },
};

/** Of checkpoints with the newest first. */
function newestOfEach(checkpoints: readonly Listed[]): Listed[] {
  const newest = new Map<string, Listed>();
  for (const checkpoint of checkpoints)
    if (!newest.has(checkpoint.partition)) newest.set(checkpoint.partition, checkpoint);
  return [...newest.values()];
}
