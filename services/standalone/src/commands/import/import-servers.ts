import { checkConfiguration, formatPath, type ProblemsOf } from "@mcp-governance-bridge/shared/configuration";
import { convertServer } from "./convert-server.ts";
import { referredNames } from "./references.ts";
import { UnsupportedServer } from "./transport.ts";
import { createVariableNames } from "./variables.ts";

/** What became of a client's servers. */
export interface Imported {
  /** `mcpServers` of our file: only what passes our own check. */
  servers: Readonly<Record<string, unknown>>;
  /** Variables that must be set; no value of one is ever told. */
  variables: readonly string[];
  /** What was not carried over, and why, one sentence each. */
  notes: readonly string[];
}

/** Turns the servers of a client's file into ours, with a prefix of its own for each and references instead of secrets. */
export function importServers(given: Readonly<Record<string, unknown>>, problemsOf: ProblemsOf): Imported {
  const reserved = referredNames(JSON.stringify(given));
  const names = createVariableNames(reserved);
  const servers: Record<string, unknown> = {};
  const notes: string[] = [];
  for (const [original, server] of Object.entries(given)) {
    const name = nameFor(original, servers);
    if (name !== original) notes.push(`${original}: is called ${name} here`);
    try {
      const { entry, notes: own } = convertServer(server, name, names);
      const problems = problemsIn(name, entry, { variables: names.names(), problemsOf });
      if (problems.length > 0) throw new UnsupportedServer(problems.join("; "));
      servers[name] = entry;
      notes.push(...own.map((note) => `${name}: ${note}`));
    } catch (cause) {
      if (!(cause instanceof UnsupportedServer)) throw cause;
      notes.push(`${original} was left out: ${cause.message}`);
    }
  }
  const used = JSON.stringify(servers);
  return { servers, variables: names.names().filter((name) => used.includes(`\${${name}}`)), notes };
}

function nameFor(original: string, taken: object): string {
  const plain = original.replaceAll(/[^A-Za-z0-9_.-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "server";
  const short = plain.slice(0, 60);
  const isTaken = (name: string) => Object.hasOwn(taken, name);
  let name = short === "__proto__" ? "proto" : short;
  for (let number = 2; isTaken(name); number += 1) name = `${short}-${number}`;
  return name;
}

/** What our own check has against a server, with every variable set to something that is right everywhere. */
function problemsIn(name: string, entry: unknown, { variables, problemsOf }: Checking): string[] {
  const env = Object.fromEntries(variables.map((variable) => [variable, "https://example.com"]));
  const { problems } = checkConfiguration(JSON.stringify({ mcpServers: { [name]: entry } }), { env, problemsOf });
  const prefix = formatPath(["mcpServers", name]);
  return problems.map(({ path, message }) => `${path.slice(prefix.length).replace(/^\./, "")} ${message}`.trim());
}

interface Checking {
  variables: readonly string[];
  problemsOf: ProblemsOf;
}
