import type { Node } from "jsonc-parser";
import type { z } from "zod";
import { ConfigurationFile, Governance, SERVER_NAME, ServerEntry } from "./file-schema.ts";
import { entriesOf, memberOf } from "./plain-object.ts";
import { type Finding, keyOffset, type Path } from "./problem.ts";
import { ServerGovernance } from "./schema.ts";
import { suggest } from "./suggestion.ts";

const NAME_PROBLEM = "is no server name: use 1 to 64 letters, digits, underscores, dots and hyphens";

/** What the schema has against the file's data: wrong types and values, missing and unknown keys. */
export function shapeFindings(tree: Node, value: unknown): Finding[] {
  return [...nameFindings(value), ...schemaFindings(tree, value)];
}

/** Apart from the schema, which would not look into a server whose name it refuses. */
function nameFindings(value: unknown): Finding[] {
  const names = entriesOf(memberOf(value, "mcpServers")).map(([name]) => name);
  return names
    .filter((name) => !SERVER_NAME.test(name))
    .map((name) => ({ path: ["mcpServers", name], message: NAME_PROBLEM }));
}

function schemaFindings(tree: Node, value: unknown): Finding[] {
  const result = ConfigurationFile.safeParse(value, { error: describeIssue });
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
    if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
    return issue.keys.map((key) => unknownKey(tree, path, key));
  });
}

function unknownKey(tree: Node, path: Path, key: string): Finding {
  const inner = [...path, key];
  const message = `unknown key${hint(path, key)}`;
  const offset = keyOffset(tree, inner);
  return { path: inner, message, ...(offset !== undefined && { offset }) };
}

function hint(path: Path, key: string): string {
  const isServer = path[0] === "mcpServers" && path.length === 2;
  if (isServer && Object.hasOwn(ServerGovernance.shape, key)) return ' (it belongs in "governance")';
  const near = suggest(key, knownKeys(path));
  return near ? ` (did you mean "${near}"?)` : "";
}

function knownKeys(path: Path): string[] {
  if (path.length === 0) return Object.keys(ConfigurationFile.shape);
  if (path[0] === "governance") return Object.keys(Governance.shape);
  return Object.keys(path.length === 2 ? ServerEntry.shape : ServerGovernance.shape);
}

const WANTED: Readonly<Record<string, string>> = {
  boolean: "true or false without quotes",
  number: "a whole number",
  int: "a whole number",
  string: "a string",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** Never shows the value itself: it may be a secret from the environment. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return "is required";
  if (issue.code === "invalid_type")
    return `must be ${WANTED[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}`;
  if (issue.code === "invalid_value") return `must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "too_small")
    return issue.origin === "string" ? "must not be empty" : `must be at least ${issue.minimum}`;
  if (issue.code === "too_big") return `must be at most ${issue.maximum}`;
  if (issue.code === "invalid_key") return issue.issues[0]?.message;
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" && !Number.isInteger(value)) return "a fraction";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
