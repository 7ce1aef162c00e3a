import type { PolicyDocument, ResultRule } from "@mcp-governance-bridge/shared/configuration";
import { resolvePacks } from "@mcp-governance-bridge/shared/patterns";
import type { PolicyProblem } from "../policy-problems.ts";
import type { Catalogue } from "./catalogue.ts";
import { type Placed, placedRules } from "./placed-rules.ts";
import { stepsOf } from "./pointer-steps.ts";
import { mayHave } from "./schema-knowledge.ts";
import { toolsOf } from "./tools-of.ts";

type PlacedResult = Placed<ResultRule>;

const SEARCHES = ["packs", "patterns", "pointers"] as const;

/** Rules on results that look for nothing, or where nothing can be. */
export function resultFindings(document: PolicyDocument, catalogue: Catalogue): PolicyProblem[] {
  const empty = emptyPacks(document);
  return placedRules(document, "results").flatMap((placed) => [
    ...(placed.rule.action === "truncate" ? truncateFindings(placed) : searchFindings(placed)),
    ...packFindings(placed, empty),
    ...pointerFindings(placed, catalogue),
  ]);
}

function truncateFindings({ rule, path }: PlacedResult): PolicyProblem[] {
  const message = "has no effect: truncate cuts all texts, and looks for none";
  return SEARCHES.filter((member) => rule[member].length > 0).map((member) => ({ path: [...path, member], message }));
}

function searchFindings({ rule, path }: PlacedResult): PolicyProblem[] {
  const idle =
    rule.max_characters === undefined
      ? []
      : [{ path: [...path, "max_characters"], message: `has no effect: the action is ${rule.action}, not truncate` }];
  if (SEARCHES.some((member) => rule[member].length > 0)) return idle;
  const message = 'looks for nothing, so that every result is meant as a whole; "pointers": [""] says so in words';
  return [...idle, { path: [...path], message }];
}

function emptyPacks({ packs }: PolicyDocument): ReadonlySet<string> {
  return new Set(
    [...resolvePacks(packs).values()].filter(({ patterns }) => patterns.length === 0).map(({ name }) => name),
  );
}

function packFindings({ rule, path }: PlacedResult, empty: ReadonlySet<string>): PolicyProblem[] {
  return rule.packs.flatMap((pack, index) =>
    empty.has(pack) ? [{ path: [...path, "packs", index], message: "finds nothing: the pack has no patterns" }] : [],
  );
}

function pointerFindings(placed: PlacedResult, catalogue: Catalogue): PolicyProblem[] {
  const tools = toolsOf(placed, catalogue) ?? [];
  if (tools.length === 0 || placed.rule.action === "truncate") return [];
  return placed.rule.pointers.flatMap((pointer, index) => {
    const [member, ...steps] = stepsOf(pointer);
    const isPossible = ({ outputSchema }: (typeof tools)[number]) =>
      mayHave(outputSchema, { steps, takesUndeclared: true });
    if (member !== "structuredContent" || tools.some(isPossible)) return [];
    return [{ path: [...placed.path, "pointers", index], message: "no tool that it is about has this in its results" }];
  });
}
