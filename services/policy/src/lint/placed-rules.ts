import type { PolicyDocument, Selector } from "@mcp-governance-bridge/shared/configuration";
import type { PolicyProblem } from "../policy-problems.ts";
import { isAbout } from "../rules/policy-rules.ts";

type Kind = "policies" | "limits" | "results" | "labels";
type RuleOf<K extends Kind> = PolicyDocument["global"][K][number];

/** A rule and where it stands. */
export interface Placed<Rule> {
  rule: Rule;
  /** In the document. */
  path: PolicyProblem["path"];
  /** As decisions name it; by its place where it has no id. */
  name: string;
  /** The enabled servers whose calls it can be about. */
  servers: readonly string[];
  /** The server whose own rule it is. */
  owner: string | undefined;
}

/** The rules of a kind: the global ones, then those of each enabled server, in the order of the file. */
export function placedRules<K extends Kind>(document: PolicyDocument, kind: K): Placed<RuleOf<K>>[] {
  const enabled = enabledServers(document);
  const ofAll = { kind, path: ["global"], prefix: "", servers: enabled, owner: undefined };
  return [
    ...place(document.global[kind] as RuleOf<K>[], ofAll),
    ...enabled.flatMap((name) => {
      const own = (document.servers[name]?.[kind] ?? []) as RuleOf<K>[];
      return place(own, { kind, path: ["servers", name], prefix: `${name}.`, servers: [name], owner: name });
    }),
  ];
}

interface Scope extends Pick<Placed<unknown>, "path" | "servers" | "owner"> {
  kind: Kind;
  prefix: string;
}

function place<Rule extends Selector & { id?: string }>(rules: readonly Rule[], scope: Scope): Placed<Rule>[] {
  const { kind, path, prefix, servers, owner } = scope;
  return rules.map((rule, index) => ({
    rule,
    path: [...path, kind, index],
    name: `${prefix}${kind}${rule.id === undefined ? `[${index}]` : `.${rule.id}`}`,
    servers: servers.filter((server) => isAbout(server)(rule)),
    owner,
  }));
}

export function enabledServers({ servers }: PolicyDocument): string[] {
  return Object.keys(servers).filter((name) => servers[name]?.disabled === false);
}
