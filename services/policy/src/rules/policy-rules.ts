import type { PolicyDocument, PolicyRule, Selector } from "@mcp-governance-bridge/shared/configuration";
import { type Condition, compileCondition } from "./condition.ts";
import { compileGlobs, coversTemplate, meetsTemplate } from "./glob.ts";
import { compileSelector, type Selection } from "./selector.ts";

/** A rule of `policies`, ready to be asked. */
export interface CompiledRule {
  /** `policies.<id>`, or `<server>.policies.<id>`. */
  name: string;
  effect: PolicyRule["effect"];
  isShadow: boolean;
  isOpenOnFailure: boolean;
  selector: Selector;
  selection: Selection;
  condition: Condition | undefined;
  /** The labels of a flow that it closes. */
  closes: readonly string[] | undefined;
  /** For the model to read. */
  reason: string;
  /** Where targets are URI templates: whether it is about all URIs of one, or about some. */
  templates: { all: Selection; some: Selection };
}

/** The rules that may be about a server's calls: the global ones, then its own, in the order of the file. */
export function compileRules({ global, servers }: PolicyDocument, server: string): CompiledRule[] {
  const own = servers[server]?.policies ?? [];
  return [
    ...global.policies.filter(isAbout(server)).map((rule) => compileRule(`policies.${rule.id}`, rule)),
    ...own.filter(isAbout(server)).map((rule) => compileRule(`${server}.policies.${rule.id}`, rule)),
  ];
}

/** Whether a rule can be about calls of a server at all. */
export function isAbout(server: string): (selector: Selector) => boolean {
  return ({ servers }) => servers === undefined || compileGlobs(servers)(server);
}

function compileRule(name: string, rule: PolicyRule): CompiledRule {
  const { effect, closes, shadow, on_failure, when } = rule;
  return {
    name,
    effect,
    isShadow: shadow,
    isOpenOnFailure: on_failure === "open",
    selector: rule,
    selection: compileSelector(rule),
    condition: when === undefined ? undefined : compileCondition(when),
    closes,
    reason: reasonOf(name, rule),
    templates: {
      all: compileSelector(rule, (globs) => (text) => globs.some((glob) => coversTemplate(glob, text))),
      some: compileSelector(rule, (globs) => (text) => globs.some((glob) => meetsTemplate(glob, text))),
    },
  };
}

function reasonOf(name: string, { effect, reason, closes }: PolicyRule): string {
  if (effect === "require_approval") {
    const why = reason ?? "This call needs an approval";
    return `${why} (approvals cannot be given yet; the operator of this gateway can change the rule ${name})`;
  }
  if (reason !== undefined) return reason;
  if (closes === undefined) return `The rule ${name} does not allow this call`;
  return `The rule ${name} does not allow ${closes.join(", ")} to come together in one session`;
}
