import { parseArgs } from "node:util";
import { hasChanges, memoryOf, type ReplayReport, replay } from "@mcp-governance-bridge/policy";
import { recordedCalls } from "@mcp-governance-bridge/tracker";
import { type Command, UsageError } from "../command.ts";
import { needRecord, recordOptions } from "../record.ts";
import { readPolicyFile } from "./policy-file.ts";
import { replayText } from "./replay-text.ts";
import { simulationStores } from "./simulation-stores.ts";

const HOUR_MS = 3_600_000;

/** Decides recorded calls again by a candidate; exit status 0 where none would come out otherwise, 1 where one would. */
export const replayPolicy: Command = {
  usage: "policy replay --candidate FILE [--hours 24] [--data DIR | --mongodb-uri URI] [--json]",
  summary: "decide recorded calls again by the rules of another configuration file, and print what would change",
  run: async (args, terminal) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...recordOptions,
        candidate: { type: "string" },
        hours: { type: "string", default: "24" },
        json: { type: "boolean", default: false },
      },
    });
    if (values.candidate === undefined) throw new UsageError("--candidate FILE is required");
    const from = startOf(values.hours);
    const { name, document, policies } = await readPolicyFile(values.candidate, terminal);
    const record = await needRecord(values, terminal);
    try {
      const calls = recordedCalls(record.reader, earlier(from, memoryOf(document)));
      const report = await replay(calls, { policies, stores: simulationStores, from });
      for (const line of values.json
        ? [jsonOf(report, from)]
        : replayText(report, { name, from, record: record.name })) {
        terminal.print(line);
      }
      return hasChanges(report) ? 1 : 0;
    } finally {
      await record.reader.close();
    }
  },
};

function startOf(given: string): Date {
  const hours = Number(given);
  if (given.trim() === "" || !(hours > 0)) throw new UsageError("--hours takes a number above 0");
  return earlier(new Date(), hours * HOUR_MS);
}

/** No earlier than 1970: a database may have no times before. */
function earlier(date: Date, ms: number): Date {
  return new Date(Math.max(0, date.getTime() - ms));
}

function jsonOf(report: ReplayReport, from: Date): string {
  return JSON.stringify({ from: from.toISOString(), ...report }, null, 2);
}
