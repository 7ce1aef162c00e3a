import { GovernanceError, type PolicyScope } from "@mcp-governance-bridge/shared";
import {
  GlobalPolicySettings,
  type PolicyDocument,
  revisionOf,
  ServerPolicySettings,
} from "@mcp-governance-bridge/shared/configuration";
import { withoutDefaults } from "./without-defaults.ts";

export type Settings = GlobalPolicySettings | ServerPolicySettings;

const GLOBAL = "global";
const SERVER = "servers/";

/** `global`, or `servers/<name>`. */
export function scopeName(scope: PolicyScope): string {
  return scope === "global" ? GLOBAL : `${SERVER}${scope.server}`;
}

/** Where a document has the scope's settings. */
export function pathOf(scope: string): string[] {
  return scope === GLOBAL ? [GLOBAL] : ["servers", scope.slice(SERVER.length)];
}

/** The scopes of a document: `global`, then its servers. */
export function scopesOf({ servers }: PolicyDocument): string[] {
  return [GLOBAL, ...Object.keys(servers).map((server) => `${SERVER}${server}`)];
}

/** What the document says for the scope, in the words of the configuration file; undefined where it has no such server. */
export function settingsOf(document: PolicyDocument, scope: string): Settings | undefined {
  if (scope === GLOBAL) return document.global;
  const name = scope.slice(SERVER.length);
  const server = Object.hasOwn(document.servers, name) ? document.servers[name] : undefined;
  if (!server) return undefined;
  const { disabled: _, ...settings } = server;
  return settings;
}

/** The document with other settings for one of its scopes. Whether a server is disabled stays as it is. */
export function withSettings(document: PolicyDocument, scope: string, settings: Settings): PolicyDocument {
  if (scope === GLOBAL) return { ...document, global: settings as GlobalPolicySettings };
  const name = scope.slice(SERVER.length);
  const disabled = document.servers[name]?.disabled ?? false;
  const server = { ...(settings as ServerPolicySettings), disabled };
  return { ...document, servers: { ...document.servers, [name]: server } };
}

/** Equal for settings that say the same, whether or not they spell defaults out. */
export function hashOf(scope: string, settings: Settings): string {
  return revisionOf(withoutDefaults(schemaOf(scope), settings));
}

/** What a scope's settings must look like. */
export function schemaOf(scope: string): typeof GlobalPolicySettings | typeof ServerPolicySettings {
  return scope === GLOBAL ? GlobalPolicySettings : ServerPolicySettings;
}

/** The failure of whoever asks for a server that the policy does not know. */
export function unknownScope(scope: string): GovernanceError {
  return new GovernanceError("policy.unknown", `the policy has no server ${scope.slice(SERVER.length)}`);
}
