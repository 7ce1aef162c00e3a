import { parseArgs } from "node:util";
import { readDotEnv } from "@mcp-governance-bridge/shared/configuration";
import { type Command, UsageError } from "./command.ts";
import { deadLettersApi, type Letter, type Redriven } from "./dead-letters-api.ts";
import { columns } from "./policy/columns.ts";

type Api = ReturnType<typeof deadLettersApi>;

/** Lists messages that could not be processed, or has them published again; exit status 0, 1 where some stay dead. */
export const deadLetters: Command = {
  usage: "dead-letters [list | redrive (--id ID… | --all)] [--url URL] [--token-env NAME]",
  summary: "list messages that could not be processed, or publish them again; asks the API, by default on this machine",
  run: async (args, { env, cwd, print }) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        id: { type: "string", multiple: true, default: [] },
        all: { type: "boolean", default: false },
        url: { type: "string", default: "http://127.0.0.1:8173" },
        "token-env": { type: "string", default: "ADMIN_TOKEN" },
      },
    });
    const chosen = chosenOf(positionals, values);
    const api = deadLettersApi({ url: values.url, token: readDotEnv(cwd, env)[values["token-env"]] });
    const { lines, status } = chosen ? redrivenText(await api.redrive(chosen)) : await listText(api);
    for (const line of lines) print(printable(line));
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

async function listText(api: Api): Promise<Told> {
  const letters: Letter[] = [];
  for await (const letter of api.list()) letters.push(letter);
  const rows = letters.map(({ letter_id, dead_at, subject, payload_size, reason }) => [
    letter_id,
    dead_at,
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

/** What comes from a message must not steer the terminal. */
function printable(line: string): string {
  return line.replace(/\p{C}/gu, "\ufffd");
}
