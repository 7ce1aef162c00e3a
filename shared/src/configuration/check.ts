import type { Node } from "jsonc-parser";
import { addressFindings } from "./addresses.ts";
import { compileConfiguration } from "./compile.ts";
import { ConfigurationFile } from "./file-schema.ts";
import { readJsonText } from "./json-text.ts";
import { type PackFile, readPackFiles } from "./pack-files.ts";
import { placementFindings } from "./placement.ts";
import { memberOf } from "./plain-object.ts";
import { type ProblemsOf, policyFindings } from "./policy-findings.ts";
import { byPlace, type Finding, isWithin, locate, type Path, type Problem } from "./problem.ts";
import { shapeFindings } from "./shape.ts";
import { TRANSPORT_KEYS, transportFindings } from "./transport.ts";
import type { Configuration } from "./types.ts";
import { replaceVariables, type Variables } from "./variables.ts";

export interface CheckOptions {
  env: Variables;
  /** `governance`: for services that hold no credentials of upstreams; the transports keep their text. Default `all`. */
  scope?: "all" | "governance";
  /** Everything that keeps the rules from being compiled, at paths inside the document. */
  problemsOf?: ProblemsOf;
  /** The text of a file of `pattern_pack_files`; throws where it cannot be read. Without it such files are a problem. */
  readPack?: (path: string) => string;
}

/** Either a configuration and no problems, or every problem and no configuration. */
export interface CheckResult {
  problems: readonly Problem[];
  warnings: readonly string[];
  configuration: Configuration | undefined;
}

/** Checks a configuration file's text as a whole. Pure but for `readPack`; shows no value that came from the environment. */
export function checkConfiguration(original: string, options: CheckOptions): CheckResult {
  const { text, tree, findings, warnings } = readJsonText(original);
  const data = tree && checkData(tree, options);
  const problems = [...findings, ...(data?.findings ?? [])].map((finding) => locate(text, tree, finding)).sort(byPlace);
  const tolerated = [...warnings, ...(data?.packFiles ?? []).flatMap((file) => file.warnings)];
  if (!data || problems.length > 0) return { problems, warnings: tolerated, configuration: undefined };
  const packs = data.packFiles.flatMap(({ pack }) => pack ?? []);
  const configuration = compileConfiguration(ConfigurationFile.parse(data.value), { packs, warnings: tolerated });
  return { problems, warnings: configuration.warnings, configuration };
}

interface Data {
  value: unknown;
  packFiles: readonly PackFile[];
  findings: readonly Finding[];
}

function checkData(tree: Node, options: CheckOptions): Data {
  const keeps = (path: Path) => keepsText(path, options);
  const replaced = replaceVariables(tree, { env: options.env, keeps });
  const { value, secrets } = replaced;
  const hides = (path: Path) => secrets.some((secret) => isWithin(secret.path, path));
  const packFiles = readPackFiles(value, { readPack: options.readPack, hides });
  const ofValues = [
    ...shapeFindings(tree, value),
    ...addressFindings(value, keeps),
    ...packFiles.flatMap(({ findings }) => findings),
  ];
  const unset = new Set(replaced.findings.map(({ path }) => JSON.stringify(path)));
  const findings = [
    ...replaced.findings,
    ...ofValues.filter(({ path }) => !unset.has(JSON.stringify(path))),
    ...transportFindings(memberOf(value, "mcpServers")),
    ...(options.problemsOf ? policyFindings(replaced, packFiles, options.problemsOf) : []),
    ...placementFindings(value),
  ];
  return { value, packFiles, findings };
}

/** Upstream credentials stay where they are needed, and MONGODB_URI makes the file's own address idle. */
function keepsText(path: Path, { env, scope }: CheckOptions): boolean {
  if (path[0] === "governance") return path[1] === "mongodb_uri" && Boolean(env.MONGODB_URI || env.MONGODB_URI_FILE);
  return scope === "governance" && path[0] === "mcpServers" && TRANSPORT_KEYS.includes(String(path[2]));
}
