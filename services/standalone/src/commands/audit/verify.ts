import { parseArgs } from "node:util";
import { integrityOf, verify } from "@mcp-governance-bridge/tracker";
import type { Command } from "../command.ts";
import { recordOptions } from "../record.ts";
import { openEvidence, readTrust } from "./evidence-place.ts";
import { integrityText } from "./integrity-text.ts";

const EXIT_FINDINGS = 1;

/** Compares a record, or an export of one, with its signed chains; exit status 0 intact, 1 not, 2 where it cannot be read. */
export const auditVerify: Command = {
  usage: "audit verify [--data DIR | --mongodb-uri URI | --export FILE] [--public-key FILE] [--anchor FILE] [--json]",
  summary: "find what was changed, removed, inserted or reordered in the audit trail, by default that of .data",
  run: async (args, terminal) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...recordOptions,
        export: { type: "string" },
        "public-key": { type: "string" },
        anchor: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    // What is kept elsewhere first: the record may grow meanwhile, and must have all of it.
    const trust = await readTrust(values, terminal);
    const { source, name, close } = await openEvidence(values, terminal);
    try {
      const integrity = integrityOf(await verify(source, trust));
      if (values.json) terminal.print(JSON.stringify({ name, ...integrity }, null, 2));
      else for (const line of integrityText({ name, scope: source.scope }, integrity)) terminal.print(line);
      return integrity.intact ? 0 : EXIT_FINDINGS;
    } finally {
      await close();
    }
  },
};
