import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import type { PolicyProblem } from "../policy-problems.ts";
import type { Catalogue } from "./catalogue.ts";
import { limitFindings } from "./limit-lint.ts";
import { placedRules } from "./placed-rules.ts";
import { policyFindings } from "./policy-lint.ts";
import { resultFindings } from "./result-lint.ts";
import { selectorFindings } from "./selector-lint.ts";

/**
 * Rules that can be compiled and are probably not what was meant: they never match, never change how a call comes out, or
 * look for what no tool has. Everything that is told is certain by the document and the tools that are known.
 */
export function lintPolicies(document: PolicyDocument, catalogue: Catalogue = new Map()): PolicyProblem[] {
  const kinds = ["policies", "limits", "results", "labels"] as const;
  return [
    ...kinds.flatMap((kind) =>
      placedRules(document, kind).flatMap((placed) => selectorFindings(placed, { document, catalogue })),
    ),
    ...policyFindings(document, catalogue),
    ...limitFindings(document, catalogue),
    ...resultFindings(document, catalogue),
  ];
}
