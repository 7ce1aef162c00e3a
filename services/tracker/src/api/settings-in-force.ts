import { GovernanceError, type PolicyScope } from "@mcp-governance-bridge/shared";
import { z } from "zod";

const Settings = z.record(z.string(), z.unknown());

/** What is needed here of the answer to `current`. */
const CurrentPolicy = z.object({
  number: z.int(),
  revision: z.string(),
  // Whether a server is disabled is not for an edit to say.
  document: z.object({ global: Settings, servers: z.record(z.string(), Settings.transform(withoutDisabled)) }),
  scopes: z.record(z.string(), z.object({ origin: z.enum(["file", "edit"]) })),
});

/** The settings of one scope in force, as an edit of it would say them, and where they come from. Throws `policy.unknown` for a server that there is not. */
export function settingsInForce(current: unknown, scope: PolicyScope): object {
  const { number, revision, document, scopes } = CurrentPolicy.parse(current);
  const settings = scope === "global" ? document.global : own(document.servers, scope.server);
  if (!settings) throw new GovernanceError("policy.unknown", "no such server");
  const name = scope === "global" ? scope : `servers/${scope.server}`;
  return { scope, settings, origin: own(scopes, name)?.origin ?? "file", number, revision };
}

function withoutDisabled({ disabled: _, ...settings }: Record<string, unknown>): Record<string, unknown> {
  return settings;
}

function own<Value>(record: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
