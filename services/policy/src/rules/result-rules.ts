import type { DecisionRequest, Obligation } from "@mcp-governance-bridge/shared";
import type { PolicyDocument, ResultRule } from "@mcp-governance-bridge/shared/configuration";
import { rememberBySubject } from "./by-subject.ts";
import { isAbout } from "./policy-rules.ts";
import { compileSelector } from "./selector.ts";

const NONE: readonly Obligation[] = [];

/**
 * What the rules on results ask of the gateway for a server's calls, in the order in which it is to be done: the global rules, then
 * the server's own, each in the order of the file. A rule on trial asks with `shadow`.
 */
export function compileResults(
  { global, servers }: PolicyDocument,
  server: string,
): (request: DecisionRequest) => readonly Obligation[] {
  const own = servers[server]?.results ?? [];
  const rules = [
    ...global.results.filter(isAbout(server)).map((rule) => compileResult(`results.${rule.id}`, rule)),
    ...own.filter(isAbout(server)).map((rule) => compileResult(`${server}.results.${rule.id}`, rule)),
  ];
  if (rules.length === 0) return () => NONE;
  const selectors = rules.map(({ selector }) => selector);
  return rememberBySubject(selectors, (subject) =>
    rules.filter(({ selection }) => selection.matches(subject)).map(({ obligation }) => obligation),
  );
}

function compileResult(name: string, rule: ResultRule) {
  return { selector: rule, selection: compileSelector(rule), obligation: obligationOf(name, rule) };
}

function obligationOf(name: string, rule: ResultRule): Obligation {
  const { packs, patterns, pointers, mask, shadow, max_characters } = rule;
  const asked = { rule: name, ...(shadow && { shadow }) };
  const found = { ...asked, packs, patterns, pointers };
  const reason = rule.reason ?? `The rule ${name} does not allow this result to be handed back`;
  switch (rule.action) {
    case "redact":
      return { kind: "redact", ...found, mask };
    case "withhold":
      return { kind: "withhold", ...found, reason };
    case "deny":
      return { kind: "deny", ...found, reason };
    case "truncate":
      // The load stops at a rule that gives no length; a length of 0 hands nothing back.
      return { kind: "truncate", ...asked, maxCharacters: max_characters ?? 0 };
  }
}
