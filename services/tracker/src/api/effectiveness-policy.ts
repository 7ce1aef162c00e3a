import type { PolicyAdmin } from "@mcp-governance-bridge/shared";
import { GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";

const Rule = z.looseObject({ id: z.string(), shadow: z.boolean().default(false), effect: z.string().optional() });
const Rules = z.object({ policies: z.array(Rule).default([]), limits: z.array(Rule).default([]) });

/** What is needed here of the answer to `current`. */
const Current = z.object({
  revision: z.string(),
  document: z.object({ global: Rules, servers: z.record(z.string(), Rules) }),
});

export interface RuleInForce {
  /** As decisions name it. */
  rule: string;
  effect: string;
  shadow: boolean;
}

/** The rules with an id that decide on calls. Rejects with `policy.unavailable` where the policy service is away. */
export async function rulesInForce(policy: PolicyAdmin): Promise<{ revision: string; rules: RuleInForce[] }> {
  const parsed = Current.safeParse(await policy.ask({ ask: "current" }));
  if (!parsed.success) throw new GovernanceError("policy.unavailable", "the policy service's answer is not understood");
  const { revision, document } = parsed.data;
  const scopes = [["", document.global] as const, ...Object.entries(document.servers)];
  const rules = scopes.flatMap(([server, { policies, limits }]) => {
    const prefix = server === "" ? "" : `${server}.`;
    return [
      ...policies.map(({ id, shadow, effect = "deny" }) => ({ rule: `${prefix}policies.${id}`, effect, shadow })),
      ...limits.map(({ id, shadow }) => ({ rule: `${prefix}limits.${id}`, effect: "limit", shadow })),
    ];
  });
  return { revision, rules };
}
