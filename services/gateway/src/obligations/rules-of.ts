import type { Permit } from "@mcp-governance-bridge/shared";
import type { PatternPack } from "@mcp-governance-bridge/shared/configuration";
import {
  compileMasker,
  compileSearch,
  type NamedPattern,
  resolvePacks,
  TooMuchToCheck,
} from "@mcp-governance-bridge/shared/patterns";
import { compileRule, type Masker, type ResultObligation, type ResultRule, type Searching } from "./rule.ts";

/** The rules that a permit has for what is handed back; undefined where it has none. Throws where one cannot be applied. */
export type RulesOf = (permit: Permit) => readonly ResultRule[] | undefined;

/** Permits ask for the same few things again and again. */
const MAX_COMPILED = 256;

/** Compiles obligations once, with the operator's own packs beside the built-in ones. */
export function createRulesOf(packs: () => readonly PatternPack[]): RulesOf {
  let current: readonly PatternPack[] | undefined;
  let resolved: ReturnType<typeof resolvePacks> | undefined;
  const compiled = new Map<string, readonly ResultRule[]>();
  const maskers = new Map<string, Masker>();

  function useCurrentPacks(): void {
    if (packs() === current) return;
    current = packs();
    resolved = undefined;
    compiled.clear();
    maskers.clear();
  }

  const maskerOf = ({ rule, packs: names, patterns }: Searching): Masker =>
    remembered(maskers, JSON.stringify([names, patterns]), () => {
      const fromPacks = names.flatMap((name): readonly NamedPattern[] => {
        resolved ??= resolvePacks(packs());
        const pack = resolved.get(name);
        if (pack === undefined) throw new Error(`${rule} looks for the pack ${name}, which is not known here`);
        return pack.patterns;
      });
      return maskerFor([...fromPacks, ...patterns.map((source) => ({ name: source, source }))]);
    });

  return ({ obligations }) => {
    if (obligations.length === 0) return undefined;
    const asked = obligations.filter((each): each is ResultObligation => each.kind !== "report");
    if (asked.length === 0) return undefined;
    useCurrentPacks();
    return remembered(compiled, JSON.stringify(asked), () => inOrder(asked).map((each) => compileRule(each, maskerOf)));
  };
}

function maskerFor(patterns: readonly NamedPattern[]): Masker {
  const { find } = compileSearch(patterns);
  const { mask } = compileMasker(patterns);
  return {
    mask,
    mayFind(values) {
      try {
        return find(values) !== undefined;
      } catch (error) {
        // Too much for one look may be fit for many.
        if (error instanceof TooMuchToCheck) return true;
        throw error;
      }
    },
  };
}

/** What is cut is cut last: half of a secret would not be found. */
function inOrder(asked: readonly ResultObligation[]): ResultObligation[] {
  const isCut = ({ kind }: ResultObligation) => kind === "truncate";
  return [...asked.filter((each) => !isCut(each)), ...asked.filter(isCut)];
}

/** Forgets the oldest when there are too many. */
function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  const [oldest] = known.keys();
  if (known.size >= MAX_COMPILED && oldest !== undefined) known.delete(oldest);
  known.set(key, made);
  return made;
}
