import type { Node } from "jsonc-parser";
import type { z } from "zod";
import { ConfigurationFile, Governance, SERVER_NAME } from "./file-schema.ts";
import { describeIssue, flattenIssues } from "./issues.ts";
import { entriesOf, memberOf } from "./plain-object.ts";
import { type Finding, keyOffset, type Path } from "./problem.ts";
import { ServerGovernance } from "./schema.ts";
import { keysAt } from "./schema-walk.ts";
import { suggest } from "./suggestion.ts";

const NAME_PROBLEM = "is no server name: use 1 to 64 letters, digits, underscores, dots and hyphens";

/** What the schema has against the file's data: wrong types and values, missing and unknown keys. */
export function shapeFindings(tree: Node, value: unknown): Finding[] {
  return [...nameFindings(value), ...schemaFindings(ConfigurationFile, tree, value)];
}

/** Apart from the schema, which would not look into a server whose name it refuses. */
function nameFindings(value: unknown): Finding[] {
  const names = entriesOf(memberOf(value, "mcpServers")).map(([name]) => name);
  return names
    .filter((name) => !SERVER_NAME.test(name))
    .map((name) => ({ path: ["mcpServers", name], message: NAME_PROBLEM }));
}

/** What any schema has against a value, with suggestions for unknown keys; with places of keys where there is a text. */
export function schemaFindings(schema: z.ZodType, tree: Node | undefined, value: unknown): Finding[] {
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return [];
  return flattenIssues(result.error.issues).flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
    if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
    return issue.keys.map((key) => unknownKey({ schema, tree, path, key }));
  });
}

interface UnknownKey {
  schema: z.ZodType;
  tree: Node | undefined;
  path: Path;
  key: string;
}

function unknownKey({ schema, tree, path, key }: UnknownKey): Finding {
  const inner = [...path, key];
  const near = suggest(key, keysAt(schema, path));
  const hint = schema === ConfigurationFile ? home(path, key) : undefined;
  const suggestion = near === undefined ? "" : ` (did you mean "${near}"?)`;
  const offset = tree && keyOffset(tree, inner);
  return { path: inner, message: `unknown key${hint ?? suggestion}`, ...(offset !== undefined && { offset }) };
}

/** Where a key belongs that stands at the wrong one of the places for governance. */
function home(path: Path, key: string): string | undefined {
  const place = path.map((step, index) => (path[0] === "mcpServers" && index === 1 ? "*" : step)).join(".");
  const isOfServers = Object.hasOwn(ServerGovernance.shape, key);
  if (place === "mcpServers.*" && isOfServers) return ' (it belongs in "governance")';
  if (place === "governance" && isOfServers) return ' (it belongs in "governance" of a server)';
  const isGlobal = place === "mcpServers.*.governance" && Object.hasOwn(Governance.shape, key);
  return isGlobal ? ' (it belongs in the "governance" of the whole file)' : undefined;
}
