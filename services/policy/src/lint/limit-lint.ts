import type { LimitRule, PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import type { PolicyProblem } from "../policy-problems.ts";
import type { Catalogue } from "./catalogue.ts";
import { isOutdone, limitCounts } from "./limit-counts.ts";
import { type Placed, placedRules } from "./placed-rules.ts";
import { stepsOf } from "./pointer-steps.ts";
import { mayHave } from "./schema-knowledge.ts";
import { deadToolGlobs } from "./selector-lint.ts";
import { toolsOf } from "./tools-of.ts";

/** Limits that never refuse, and what they count by that no call has. */
export function limitFindings(document: PolicyDocument, catalogue: Catalogue): PolicyProblem[] {
  const rules = placedRules(document, "limits");
  return [...rules.flatMap((placed) => ruleFindings(placed, catalogue)), ...uselessCounts(document)];
}

function ruleFindings(placed: Placed<LimitRule>, catalogue: Catalogue): PolicyProblem[] {
  const { rule, path } = placed;
  const costs = rule.costs.flatMap(({ tools }, index) =>
    deadToolGlobs(placed, { globs: tools, path: [...path, "costs", index, "tools"] }, catalogue),
  );
  return [...costs, ...argumentFindings(placed, catalogue)];
}

function argumentFindings(placed: Placed<LimitRule>, catalogue: Catalogue): PolicyProblem[] {
  const tools = toolsOf(placed, catalogue) ?? [];
  if (tools.length === 0) return [];
  return placed.rule.by.flatMap((by, index) => {
    if (typeof by === "string") return [];
    const question = { steps: stepsOf(by.argument), takesUndeclared: false };
    if (tools.some(({ inputSchema }) => mayHave(inputSchema, question))) return [];
    const message = `no tool that it is about has the argument ${by.argument}`;
    return [{ path: [...placed.path, "by", index, "argument"], message }];
  });
}

function uselessCounts(document: PolicyDocument): PolicyProblem[] {
  const counts = limitCounts(document);
  return counts.flatMap((count, index) => {
    if (count.path === undefined) return [];
    const by = counts.find((other, place) => other !== count && isOutdone(count, other, place < index));
    return by ? [{ path: count.path, message: `never refuses: ${by.name} allows no more of the same calls` }] : [];
  });
}
