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
import { recordFindings, WEBHOOKS } from "./record-findings.ts";
import { shapeFindings } from "./shape.ts";
import { TRANSPORT_KEYS, transportFindings } from "./transport.ts";
import type { Configuration } from "./types.ts";
import { replaceVariables, type Variables } from "./variables.ts";

export interface CheckOptions {
  env: Variables;
  /**
   * For which service: what others need and it must not hold keeps its text. Upstreams' credentials are the gateway's,
   * webhooks are the tracker's. Default `all`.
   */
  scope?: "all" | "gateway" | "policy" | "tracker";
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
    ...recordFindings(value, keeps),
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

/** Secrets stay where they are needed, and MONGODB_URI makes the file's own address idle. */
function keepsText(path: Path, { env, scope = "all" }: CheckOptions): boolean {
  if (isWithin(path, ["governance", "mongodb_uri"])) return Boolean(env.MONGODB_URI || env.MONGODB_URI_FILE);
  if (isWithin(path, WEBHOOKS)) return scope === "gateway" || scope === "policy";
  const isOfTransport = path[0] === "mcpServers" && TRANSPORT_KEYS.includes(String(path[2]));
  return isOfTransport && (scope === "policy" || scope === "tracker");
}
