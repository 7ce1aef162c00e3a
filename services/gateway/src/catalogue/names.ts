import type { Server } from "@mcp-governance-bridge/shared/configuration";

/** `<governance_prefix>_<name>`, or the upstream's own name under an empty prefix. */
export function publicName({ governance }: Server, name: string): string {
  return governance.governance_prefix === "" ? name : `${governance.governance_prefix}_${name}`;
}

/** Every name a tool or prompt is published under: the original one too, if it is not to be hidden. */
export function publicNames(server: Server, name: string): string[] {
  const prefixed = publicName(server, name);
  return server.governance.hide_original_tools || prefixed === name ? [prefixed] : [prefixed, name];
}
