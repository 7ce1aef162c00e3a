import type { PolicyDocument, Selector } from "@mcp-governance-bridge/shared/configuration";
import type { PolicyProblem } from "../policy-problems.ts";
import { compileGlob } from "../rules/glob.ts";
import type { Catalogue } from "./catalogue.ts";
import { methodsOf } from "./methods.ts";
import { enabledServers, type Placed } from "./placed-rules.ts";
import { toolsInScope, toolsOf } from "./tools-of.ts";

interface Surroundings {
  document: PolicyDocument;
  catalogue: Catalogue;
}

/** Members of a rule that keep it, wholly or in part, from ever matching a call. */
export function selectorFindings(placed: Placed<Selector>, surroundings: Surroundings): PolicyProblem[] {
  const servers = serverFindings(placed, surroundings.document);
  if (placed.servers.length === 0) return servers;
  return [...servers, ...methodFindings(placed), ...toolFindings(placed, surroundings.catalogue)];
}

function serverFindings({ rule, path, owner }: Placed<Selector>, document: PolicyDocument): PolicyProblem[] {
  const there = owner === undefined ? enabledServers(document) : [owner];
  const what = owner === undefined ? "no server that is enabled" : `not ${owner}, whose rule it is`;
  return deadGlobs(rule.servers, there).map((index) => ({
    path: [...path, "servers", index],
    message: `matches ${what}`,
  }));
}

function methodFindings({ rule, path }: Placed<Selector>): PolicyProblem[] {
  if (methodsOf(rule).length > 0) return [];
  const member = rule.methods ? "methods" : "annotations";
  const others = (["tools", "prompts", "resources", "annotations"] as const).filter(
    (each) => rule[each] && each !== member,
  );
  return [
    { path: [...path, member], message: `have no calls in common with ${others.join(" and ")}: it never matches` },
  ];
}

function toolFindings(placed: Placed<Selector>, catalogue: Catalogue): PolicyProblem[] {
  const { rule, path } = placed;
  if (!methodsOf(rule).includes("tools/call")) return [];
  const dead = deadToolGlobs(placed, { globs: rule.tools, path: [...path, "tools"] }, catalogue);
  if (dead.length > 0 || rule.annotations === undefined || toolsOf(placed, catalogue)?.length !== 0) return dead;
  return [{ path: [...path, "annotations"], message: "no tool that it is about has these: it never matches" }];
}

interface ToolGlobs {
  globs: readonly string[] | undefined;
  path: PolicyProblem["path"];
}

/** Globs on tools that no tool of the servers in question has. */
export function deadToolGlobs(
  placed: Placed<Selector>,
  { globs, path }: ToolGlobs,
  catalogue: Catalogue,
): PolicyProblem[] {
  const names = toolsInScope(placed, catalogue)?.map(({ name }) => name);
  if (!names) return [];
  const message = `matches no tool of ${placed.servers.join(", ")}`;
  return deadGlobs(globs, names).map((index) => ({ path: [...path, index], message }));
}

/** Indexes of the globs that match none of the texts. */
function deadGlobs(globs: readonly string[] = [], texts: readonly string[]): number[] {
  return globs.flatMap((glob, index) => (texts.some(compileGlob(glob)) ? [] : [index]));
}
