import type { Node } from "jsonc-parser";
import { addressFindings } from "./addresses.ts";
import { compileConfiguration } from "./compile.ts";
import { ConfigurationFile } from "./file-schema.ts";
import { readJsonText } from "./json-text.ts";
import { placementFindings } from "./placement.ts";
import { entriesOf, memberOf } from "./plain-object.ts";
import { type Finding, locate, type Path, type Problem } from "./problem.ts";
import { shapeFindings } from "./shape.ts";
import { TRANSPORT_KEYS, transportFindings } from "./transport.ts";
import type { Configuration } from "./types.ts";
import { type Replaced, replaceVariables, type Variables } from "./variables.ts";

export interface CheckOptions {
  env: Variables;
  /** `governance`: for services that hold no credentials of upstreams; the transports keep their text. Default `all`. */
  scope?: "all" | "governance";
  /** Says what is wrong with a pattern; `undefined` where it can be used. */
  checkPattern?: (source: string) => string | undefined;
}

/** Either a configuration and no problems, or every problem and no configuration. */
export interface CheckResult {
  problems: readonly Problem[];
  warnings: readonly string[];
  configuration: Configuration | undefined;
}

/** Checks a configuration file's text as a whole. Pure; shows no value that came from the environment. */
export function checkConfiguration(original: string, options: CheckOptions): CheckResult {
  const { text, tree, findings, warnings } = readJsonText(original);
  const keeps = (path: Path) => keepsText(path, options);
  const replaced = tree && replaceVariables(tree, { env: options.env, keeps });
  const all = tree && replaced ? [...findings, ...dataFindings({ tree, replaced, keeps, options })] : findings;
  const problems = all.map((finding) => locate(text, tree, finding)).sort(byPlace);
  if (!replaced || problems.length > 0) return { problems, warnings, configuration: undefined };
  const configuration = compileConfiguration(ConfigurationFile.parse(replaced.value), warnings);
  return { problems, warnings: configuration.warnings, configuration };
}

interface Data {
  tree: Node;
  replaced: Replaced;
  keeps: (path: Path) => boolean;
  options: CheckOptions;
}

function dataFindings({ tree, replaced, keeps, options }: Data): Finding[] {
  const { value } = replaced;
  const unset = new Set(replaced.findings.map(({ path }) => JSON.stringify(path)));
  const ofValues = [...shapeFindings(tree, value), ...addressFindings(value, keeps)];
  return [
    ...replaced.findings,
    ...ofValues.filter(({ path }) => !unset.has(JSON.stringify(path))),
    ...transportFindings(memberOf(value, "mcpServers")),
    ...patternFindings(replaced, options),
    ...placementFindings(value),
  ];
}

/** Upstream credentials stay where they are needed, and MONGODB_URI makes the file's own address idle. */
function keepsText(path: Path, { env, scope }: CheckOptions): boolean {
  if (path[0] === "governance") return path[1] === "mongodb_uri" && Boolean(env.MONGODB_URI || env.MONGODB_URI_FILE);
  return scope === "governance" && path[0] === "mcpServers" && TRANSPORT_KEYS.includes(String(path[2]));
}

function patternFindings(replaced: Replaced, { checkPattern }: CheckOptions): Finding[] {
  if (!checkPattern) return [];
  return entriesOf(memberOf(replaced.value, "mcpServers")).flatMap(([name, server]) => {
    const patterns = memberOf(memberOf(server, "governance"), "blocked_patterns");
    return (Array.isArray(patterns) ? patterns : []).flatMap((pattern: unknown, index) => {
      const complaint = typeof pattern === "string" ? checkPattern(pattern) : undefined;
      if (complaint === undefined) return [];
      const path = ["mcpServers", name, "governance", "blocked_patterns", index];
      return [{ path, message: replaced.isSecret(path) ? "is no valid pattern" : `is no valid pattern: ${complaint}` }];
    });
  });
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
