import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import { loadSigner, toPem } from "@mcp-governance-bridge/tracker";
import type { Command, Terminal } from "../command.ts";
import { clientOptions, governanceClient } from "../governance-client.ts";

interface Key {
  key_id: string;
  public_key: string;
}

/** Prints public keys of the audit trail as PEM; exit status 0. */
export const auditKey: Command = {
  usage: "audit key [--file FILE | --url URL]",
  summary: "print the public key that goes with a private one, or those that the API names, to verify with later",
  run: async (args, terminal) => {
    const { values } = parseArgs({ args: [...args], options: { ...clientOptions, file: { type: "string" } } });
    if (values.file !== undefined) {
      terminal.print(await publicKeyOf(values.file, terminal));
      return 0;
    }
    const keys = await governanceClient(values, terminal).ask<Key[]>("/governance/audit/keys");
    for (const { public_key } of keys) terminal.print(public_key.trimEnd());
    return 0;
  },
};

async function publicKeyOf(file: string, { cwd }: Terminal): Promise<string> {
  const path = resolve(cwd, file);
  // A signer makes the key that it does not find.
  if (!existsSync(path)) throw new StartupError(`there is no ${file}`, EXIT_BAD_CONFIGURATION);
  try {
    return toPem((await loadSigner({ file: path })).publicKey).trimEnd();
  } catch (cause) {
    throw new StartupError(cause instanceof Error ? cause.message : String(cause), EXIT_BAD_CONFIGURATION);
  }
}
