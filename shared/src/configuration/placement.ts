import { z } from "zod";
import { Governance, ServerEntry } from "./file-schema.ts";
import { entriesOf, memberOf } from "./plain-object.ts";
import type { Finding } from "./problem.ts";
import { ServerGovernance } from "./schema.ts";

const Bridge = z.object({
  deployment_mode: Governance.shape.deployment_mode,
  base_port: Governance.shape.base_port,
});
type Bridge = z.infer<typeof Bridge>;

const Placed = z.object({
  disabled: ServerEntry.shape.disabled,
  governance: z
    .object({
      mode: ServerGovernance.shape.mode,
      port: ServerGovernance.shape.port,
      governance_prefix: ServerGovernance.shape.governance_prefix,
    })
    .prefault({}),
});
type Placed = z.infer<typeof Placed>;

interface Listener {
  port: number;
  /** What the listener is called in a problem. */
  owner: string;
  servers: { name: string; prefix: string }[];
}

const SHARED = "the shared listener";

/** Which port serves a server, as the deployment mode has it. */
export function portOf(bridge: Bridge, server: Pick<Placed["governance"], "mode" | "port">): number {
  return isShared(bridge, server.mode) ? bridge.base_port : server.port;
}

function isShared(bridge: Bridge, mode: Placed["governance"]["mode"]): boolean {
  if (bridge.deployment_mode === "hybrid") return mode === "unified";
  return bridge.deployment_mode === "unified";
}

/** Listeners that claim one port, and servers of one listener that publish under one prefix; judges what it can read. */
export function placementFindings(value: unknown): Finding[] {
  const bridge = Bridge.safeParse(memberOf(value, "governance") ?? {});
  if (!bridge.success) return [];
  const listeners = listenersOf(bridge.data, memberOf(value, "mcpServers"));
  return [...portFindings(listeners), ...listeners.flatMap(prefixFindings)];
}

function listenersOf(bridge: Bridge, servers: unknown): Listener[] {
  const shared: Listener = { port: bridge.base_port, owner: SHARED, servers: [] };
  const own: Listener[] = [];
  for (const [name, entry] of entriesOf(servers)) {
    const placed = Placed.safeParse(entry);
    if (!placed.success || placed.data.disabled) continue;
    const { mode, port, governance_prefix: prefix } = placed.data.governance;
    if (isShared(bridge, mode)) shared.servers.push({ name, prefix });
    else own.push({ port, owner: `"${name}"`, servers: [{ name, prefix }] });
  }
  return shared.servers.length > 0 ? [shared, ...own] : own;
}

function portFindings(listeners: readonly Listener[]): Finding[] {
  const taken = new Map<number, string>();
  const findings: Finding[] = [];
  for (const { port, owner, servers } of listeners) {
    const holder = taken.get(port);
    const name = servers[0]?.name;
    if (holder && name !== undefined) {
      const message = `${holder} and ${owner} both listen on port ${port} (give each server a "port" of its own)`;
      findings.push({ path: ["mcpServers", name, "governance", "port"], message });
    }
    taken.set(port, holder ?? owner);
  }
  return findings;
}

function prefixFindings({ port, servers }: Listener): Finding[] {
  const taken = new Map<string, string>();
  return servers.flatMap(({ name, prefix }) => {
    const holder = taken.get(prefix);
    taken.set(prefix, holder ?? name);
    if (holder === undefined) return [];
    const message = `"${holder}" and "${name}" publish under the same prefix on port ${port} (give each a "governance_prefix" of its own)`;
    return [{ path: ["mcpServers", name, "governance", "governance_prefix"], message }];
  });
}
