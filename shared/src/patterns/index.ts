export { TooMuchToCheck } from "./budget.ts";
export { checkPattern, checkPatternsTogether } from "./check-pattern.ts";
export { compileRe2 } from "./compile-re2.ts";
export { compileMasker, type Masked, type Masker } from "./masker.ts";
export { type PackProblem, packProblems } from "./pack-problems.ts";
export { builtInPacks, type ResolvedPack, resolvePacks } from "./packs.ts";
export type { NamedPattern } from "./pattern-set.ts";
export { compileSearch, type Found, type Search } from "./search.ts";
