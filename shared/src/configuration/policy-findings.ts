import type { PackFile } from "./pack-files.ts";
import { entriesOf, memberOf } from "./plain-object.ts";
import {
  GlobalPolicySettings,
  type PatternPack,
  type PolicyDocument,
  ServerPolicySettings,
} from "./policy-document.ts";
import { type Finding, isWithin, type Path } from "./problem.ts";
import { type Salvaged, salvage } from "./salvage.ts";
import type { Replaced, Secret } from "./variables.ts";

/** Something that keeps a document from being compiled, at a path inside the document. */
export interface DocumentProblem {
  path: (string | number)[];
  message: string;
}

/** Everything that keeps a document from being compiled. */
export type ProblemsOf = (document: PolicyDocument) => readonly DocumentProblem[];

interface Draft {
  document: PolicyDocument;
  /** Where in the file a problem of the document is. */
  place: (problem: DocumentProblem) => Finding;
}

const CONCEALED = "is not valid; what came from the environment is not shown";

/** What the compiler of policies has against the rules, also where other parts of the file are wrong. */
export function policyFindings(replaced: Replaced, packs: readonly PackFile[], problemsOf: ProblemsOf): Finding[] {
  const { document, place } = draftOf(replaced.value, packs);
  const secrets = replaced.secrets.filter(({ path }) => path[0] === "governance" || path[2] === "governance");
  const packsAreKnown = packs.every(({ pack }) => pack !== undefined);
  return problemsOf(document)
    .filter(({ path }) => packsAreKnown || !namesPack(path))
    .map(place)
    .filter(({ path }) => !replaced.findings.some((unset) => isWithin(path, unset.path) || isWithin(unset.path, path)))
    .map((finding) => (shows(finding, secrets) ? { ...finding, message: CONCEALED } : finding));
}

/** The document that the valid parts of the file make. */
function draftOf(value: unknown, files: readonly PackFile[]): Draft {
  const ofBridge = salvage(GlobalPolicySettings.shape, memberOf(value, "governance"));
  const ofServers = new Map(
    entriesOf(memberOf(value, "mcpServers")).map(([name, entry]) => [name, salvageServer(entry)]),
  );
  const packs = files.filter(hasPack);
  const servers = Object.fromEntries([...ofServers].map(([name, { settings }]) => [name, settings]));
  const document = { global: ofBridge.settings, servers, packs: packs.map(({ pack }) => pack) } as PolicyDocument;
  const place = ({ path: [part, name, ...inner], message }: DocumentProblem): Finding => {
    if (part === "global") return { path: ["governance", ...ofBridge.original(steps(name, inner))], message };
    if (part === "packs") return packs[Number(name)]?.finding({ path: inner, message }) ?? { path: [], message };
    const server = ofServers.get(String(name));
    return { path: ["mcpServers", ...steps(name, []), "governance", ...(server?.original(inner) ?? inner)], message };
  };
  return { document, place };
}

function salvageServer(entry: unknown): Salvaged {
  const { settings, original } = salvage(ServerPolicySettings.shape, memberOf(entry, "governance"));
  return { settings: { ...settings, disabled: memberOf(entry, "disabled") === true }, original };
}

function hasPack(file: PackFile): file is PackFile & { pack: PatternPack } {
  return file.pack !== undefined;
}

function steps(first: string | number | undefined, rest: Path): Path {
  return first === undefined ? rest : [first, ...rest];
}

/** True where a pack is named: which there are is unknown while a file of packs cannot be read. */
function namesPack(path: Path): boolean {
  return path.slice(1).some((step) => step === "packs" || step === "pattern_packs" || step === "extends");
}

function shows({ path, message }: Finding, secrets: readonly Secret[]): boolean {
  return secrets.some(
    (secret) =>
      isWithin(path, secret.path) ||
      isWithin(secret.path, path) ||
      (secret.value !== undefined && message.includes(secret.value)),
  );
}
