import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";

/** How much of the rules is tested. */
export interface Coverage {
  /** Names of all rules that can match, in the order of the file. */
  rules: readonly string[];
  /** Those of them that matched in no test. */
  untested: readonly string[];
  /** 100 where there is no rule. */
  percent: number;
}

/** Which rules of `policies`, `limits` and `results` are among those that matched. Those of disabled servers do not count. */
export function coverageOf({ global, servers }: PolicyDocument, matched: ReadonlySet<string>): Coverage {
  const enabled = Object.entries(servers).filter(([, { disabled }]) => !disabled);
  const rules = [...namesIn(global, ""), ...enabled.flatMap(([name, settings]) => namesIn(settings, `${name}.`))];
  const untested = rules.filter((rule) => !matched.has(rule));
  const percent = rules.length === 0 ? 100 : (100 * (rules.length - untested.length)) / rules.length;
  return { rules, untested, percent };
}

function namesIn(
  settings: Pick<PolicyDocument["global"], "policies" | "limits" | "results">,
  prefix: string,
): string[] {
  return (["policies", "limits", "results"] as const).flatMap((kind) =>
    settings[kind].map(({ id }) => `${prefix}${kind}.${id}`),
  );
}
