import { parseArgs } from "node:util";
import { columns } from "./columns.ts";
import { type Command, UsageError } from "./command.ts";
import { clientOptions, type GovernanceClient, governanceClient } from "./governance-client.ts";
import { printable } from "./printable.ts";

interface Letter {
  letter_id: string;
  subject: string;
  reason: string;
  payload_size: number;
  timestamp: string;
}

interface Redriven {
  redriven: number;
  dead: number;
  still_dead: { id: string; reason: string }[];
}

const PATH = "/governance/dead-letters";

/** Lists messages that could not be processed, or has them published again; exit status 0, 1 where some stay dead. */
export const deadLetters: Command = {
  usage: "dead-letters [list | redrive (--id ID… | --all)] [--url URL] [--token-env NAME]",
  summary: "list messages that could not be processed, or publish them again; asks the API, by default on this machine",
  run: async (args, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...clientOptions,
        id: { type: "string", multiple: true, default: [] },
        all: { type: "boolean", default: false },
      },
    });
    const chosen = chosenOf(positionals, values);
    const client = governanceClient(values, terminal);
    const { lines, status } = chosen
      ? redrivenText(await client.ask<Redriven>(`${PATH}/redrive`, chosen))
      : await listText(client);
    for (const line of lines) terminal.print(printable(line));
    return status;
  },
};

interface Told {
  lines: string[];
  status: number;
}

/** Which letters are to be published again; undefined where they are to be listed. */
function chosenOf([verb = "list", ...rest]: readonly string[], { id, all }: { id: string[]; all: boolean }) {
  if (rest.length > 0) throw new UsageError(`dead-letters ${verb} takes no "${rest[0]}": letters are named by --id`);
  if (verb === "list") {
    if (id.length > 0 || all) throw new UsageError("--id and --all go with dead-letters redrive");
    return undefined;
  }
  if (verb !== "redrive") throw new UsageError(`dead-letters ${verb}? One of list, redrive`);
  if (id.length > 0 === all) throw new UsageError("dead-letters redrive needs --id, once for each letter, or --all");
  return all ? ({ all: true } as const) : { ids: id };
}

/** All letters that are dead, newest first. */
async function listText(client: GovernanceClient): Promise<Told> {
  const letters: Letter[] = [];
  for await (const letter of client.list<Letter>(`${PATH}?status=dead&limit=1000`)) letters.push(letter);
  const rows = letters.map(({ letter_id, timestamp, subject, payload_size, reason }) => [
    letter_id,
    timestamp,
    subject,
    payload_size,
    reason,
  ]);
  if (rows.length === 0) return { lines: ["no dead letters"], status: 0 };
  return { lines: columns([["id", "came", "subject", "characters", "reason"], ...rows], ""), status: 0 };
}

function redrivenText({ redriven, dead, still_dead }: Redriven): Told {
  const lines = [
    `${redriven} published again, ${dead} still dead`,
    ...columns(still_dead.map(({ id, reason }) => [id, reason])),
  ];
  if (still_dead.length < dead) lines.push(`  and ${dead - still_dead.length} more`);
  return { lines, status: dead === 0 ? 0 : 1 };
}
