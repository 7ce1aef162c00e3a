import { dataOf, readJsonText } from "./json-text.ts";
import { memberOf } from "./plain-object.ts";
import { PatternPack } from "./policy-document.ts";
import { type Finding, formatProblem, locate, type Path } from "./problem.ts";
import { salvage } from "./salvage.ts";
import { schemaFindings } from "./shape.ts";

/** One of `governance.pattern_pack_files`, read. */
export interface PackFile {
  /** Where the configuration names it. */
  path: Path;
  /** The pack, or what of it can be used; `undefined` where not even its name can. */
  pack: PatternPack | undefined;
  findings: readonly Finding[];
  warnings: readonly string[];
  /** A problem inside the pack, told at the place that names the file. */
  finding: (inner: Finding) => Finding;
}

export interface PackOptions {
  /** The text of a pack file; throws where it cannot be read. */
  readPack: ((path: string) => string) | undefined;
  /** True where the file's path must not be shown. */
  hides: (path: Path) => boolean;
}

/** Reads the packs that the configuration names. */
export function readPackFiles(value: unknown, options: PackOptions): PackFile[] {
  const files = memberOf(memberOf(value, "governance"), "pattern_pack_files");
  return (Array.isArray(files) ? files : []).flatMap((file: unknown, index) => {
    const path = ["governance", "pattern_pack_files", index];
    return typeof file === "string" && file !== "" ? [readPackFile(file, path, options)] : [];
  });
}

function readPackFile(file: string, path: Path, { readPack, hides }: PackOptions): PackFile {
  const shown = hides(path) ? "the file" : file;
  try {
    if (!readPack) throw new Error("pattern packs are not read here");
    return parsePack(readPack(file), path, shown);
  } catch (cause) {
    const reason = cause instanceof Error && !hides(path) ? `: ${cause.message}` : "";
    const finding = (inner: Finding): Finding => ({ path, message: inner.message });
    return { path, pack: undefined, findings: [{ path, message: `cannot be read${reason}` }], warnings: [], finding };
  }
}

function parsePack(original: string, path: Path, shown: string): PackFile {
  const { text, tree, findings, warnings } = readJsonText(original);
  const value = tree && dataOf(tree);
  const usable = usablePart(value);
  const told = (inner: Finding): Finding => ({ path, message: formatProblem(shown, locate(text, tree, inner)) });
  return {
    path,
    pack: usable.pack,
    findings: [...findings, ...(tree ? schemaFindings(PatternPack, tree, value) : [])].map(told),
    warnings: warnings.map((warning) => `${shown}: ${warning}`),
    finding: (inner) => told({ ...inner, path: usable.original(inner.path) }),
  };
}

/** Without the corpus where the pack is wrong: patterns that are missing would not find its attacks. */
function usablePart(value: unknown): { pack: PatternPack | undefined; original: (path: Path) => Path } {
  const whole = PatternPack.safeParse(value);
  if (whole.success) return { pack: whole.data, original: (path) => path };
  const { settings, original } = salvage(PatternPack.shape, value);
  const pack = { description: "", patterns: [], ...settings, attacks: [], lookalikes: [] };
  return { pack: PatternPack.safeParse(pack).data, original };
}
