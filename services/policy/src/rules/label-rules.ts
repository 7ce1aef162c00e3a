import type { LabelRule, PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import { isAbout } from "./policy-rules.ts";
import { compileSelector, type Selection } from "./selector.ts";

/** Calls that carry labels. */
export interface Labelling {
  selector: LabelRule;
  selection: Selection;
  labels: readonly string[];
}

/** The rules that label a server's calls: the global ones, then its own. */
export function compileLabels({ global, servers }: PolicyDocument, server: string): Labelling[] {
  const rules = [...global.labels, ...(servers[server]?.labels ?? [])];
  return rules
    .filter(isAbout(server))
    .map((rule) => ({ selector: rule, selection: compileSelector(rule), labels: rule.labels }));
}
