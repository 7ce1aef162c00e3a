import type { PolicyDocument, PolicyRule } from "@mcp-governance-bridge/shared/configuration";
import type { PolicyProblem } from "../policy-problems.ts";
import type { Catalogue } from "./catalogue.ts";
import { readingOf } from "./condition-reads.ts";
import { covers } from "./covers.ts";
import { type Placed, placedRules } from "./placed-rules.ts";
import { mayHave } from "./schema-knowledge.ts";
import { toolsOf } from "./tools-of.ts";

type PlacedRule = Placed<PolicyRule>;

/** Rules of `policies` that never match, or never change how a call comes out. */
export function policyFindings(document: PolicyDocument, catalogue: Catalogue): PolicyProblem[] {
  const rules = placedRules(document, "policies");
  const given = labelsGiven(document);
  return rules.flatMap((placed) => [
    ...conditionFindings(placed, catalogue),
    ...flowFindings(placed, given),
    ...effectFindings(placed, { rules, document }),
  ]);
}

function conditionFindings(placed: PlacedRule, catalogue: Catalogue): PolicyProblem[] {
  const { when } = placed.rule;
  if (when === undefined) return [];
  const path = [...placed.path, "when"];
  const { constant, reads } = readingOf(when);
  if (constant === false) return [{ path, message: "is never true: the rule never matches" }];
  const tools = toolsOf(placed, catalogue) ?? [];
  if (tools.length === 0) return [];
  const unknown = reads.filter(
    (steps) => !tools.some(({ inputSchema }) => mayHave(inputSchema, { steps, takesUndeclared: false })),
  );
  return unknown.map((steps) => ({ path, message: `no tool that it is about has the argument ${steps.join(".")}` }));
}

function labelsGiven(document: PolicyDocument): ReadonlySet<string> {
  const labelling = placedRules(document, "labels").filter(({ servers }) => servers.length > 0);
  return new Set(labelling.flatMap(({ rule }) => rule.labels));
}

function flowFindings({ rule, path }: PlacedRule, given: ReadonlySet<string>): PolicyProblem[] {
  return (rule.closes ?? []).flatMap((label, index) =>
    given.has(label)
      ? []
      : [{ path: [...path, "closes", index], message: "no call carries this label: the rule never matches" }],
  );
}

interface Others {
  rules: readonly PlacedRule[];
  document: PolicyDocument;
}

function effectFindings(placed: PlacedRule, { rules, document }: Others): PolicyProblem[] {
  const { effect, shadow } = placed.rule;
  if (effect === "allow" && shadow) {
    return [{ path: placed.path, message: "says nothing: only denials are tried, and it denies nothing" }];
  }
  if (shadow || placed.servers.length === 0) return [];
  if (effect === "allow" && document.global.default_effect === "allow") {
    return [
      {
        path: placed.path,
        message: "changes nothing: default_effect is allow, and an allow rule wins over nothing else",
      },
    ];
  }
  const by = rules.find((other) => overshadows(other, placed, rules));
  return by ? [{ path: placed.path, message: `changes nothing: ${by.name} decides on all of its calls` }] : [];
}

const STRENGTH = { deny: 2, require_approval: 1, allow: 0 } as const;

/** Whether the other rule always decides on the calls that this one is about, and no weaker. */
function overshadows(other: PlacedRule, placed: PlacedRule, rules: readonly PlacedRule[]): boolean {
  const { rule, servers } = placed;
  if (other === placed || !isUnconditional(other.rule)) return false;
  if (!servers.every((server) => other.servers.includes(server)) || !covers(other.rule, rule)) return false;
  const surplus = STRENGTH[other.rule.effect] - STRENGTH[rule.effect];
  if (surplus !== 0) return surplus > 0;
  // Of equals the first is named: a reason of its own makes it worth its place.
  const isBefore = rules.indexOf(other) < rules.indexOf(placed);
  return isBefore || (rule.reason === undefined && !isSame(other.rule, rule));
}

function isUnconditional({ when, closes, shadow }: PolicyRule): boolean {
  return when === undefined && closes === undefined && !shadow;
}

/** Of two that are about the same calls the second is told. */
function isSame(one: PolicyRule, other: PolicyRule): boolean {
  return isUnconditional(other) && covers(other, one);
}
