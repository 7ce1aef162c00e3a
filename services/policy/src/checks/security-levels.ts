import type { ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";

/** What a security level stands for where the server's own settings do not say. */
export interface SecurityPreset {
  /** Names of pattern packs, in the order in which they are looked for. */
  packs: readonly string[];
  highSecurity: boolean;
}

const low = ["destructive-shell", "destructive-sql", "code-execution"] as const;
// The seed's own patterns, in its order.
const medium = ["credentials", ...low] as const;
const high = [...medium, "path-traversal", "cloud-metadata"] as const;

const presets: Record<ServerPolicySettings["security_level"], SecurityPreset> = {
  low: { packs: low, highSecurity: false },
  medium: { packs: medium, highSecurity: false },
  high: { packs: high, highSecurity: true },
};

/** `pattern_packs` takes the place of the preset's packs; `high_security` adds to it. */
export function presetOf(level: ServerPolicySettings["security_level"]): SecurityPreset {
  return presets[level];
}
