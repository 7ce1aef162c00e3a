import type { EventOf } from "../events.ts";
import type { ConfigurationFile, Governance } from "./file-schema.ts";
import { portOf } from "./placement.ts";
import {
  GlobalPolicySettings,
  type PatternPack,
  type PolicyDocument,
  ServerPolicySettings,
} from "./policy-document.ts";
import { revisionOf } from "./revision.ts";
import { compileTransport } from "./transport.ts";
import type { Configuration, Server } from "./types.ts";

/** Turns a checked file into what the services work with. */
export function compileConfiguration(file: ConfigurationFile, warnings: readonly string[]): Configuration {
  const { governance } = file;
  const servers = Object.entries(file.mcpServers).map(
    ([name, entry]): Server => ({
      name,
      transport: compileTransport(entry),
      timeoutMs: entry.timeout,
      disabled: entry.disabled,
      port: portOf(governance, entry.governance),
      governance: entry.governance,
    }),
  );
  return {
    revision: revisionOf(revisedSettings(governance, servers)),
    deploymentMode: governance.deployment_mode,
    basePort: governance.base_port,
    mongodbUri: governance.mongodb_uri,
    authDisabled: governance.auth_disabled,
    enableTracking: governance.enable_tracking,
    enableDashboard: governance.enable_dashboard,
    servers,
    policy: policyDocumentOf(file, []),
    onPolicyFailure: governance.failure_modes.policy,
    warnings: [...warnings, ...deprecations(governance)],
  };
}

/** What of a checked file decides on calls. */
export function policyDocumentOf(
  { governance, mcpServers }: ConfigurationFile,
  packs: readonly PatternPack[],
): PolicyDocument {
  const servers = Object.entries(mcpServers).map(([name, { disabled, governance: settings }]) => [
    name,
    { ...picked(ServerPolicySettings.shape, settings), disabled },
  ]);
  return {
    global: picked(GlobalPolicySettings.shape, governance),
    servers: Object.fromEntries(servers),
    packs: [...packs],
  } as PolicyDocument;
}

function picked(shape: object, settings: object): object {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key in shape));
}

/** What a revision stands for: everything that governs, nothing that connects. */
function revisedSettings({ mongodb_uri: _, ...governance }: Governance, servers: readonly Server[]): unknown {
  return { governance, servers: servers.map(({ name, disabled, governance }) => ({ name, disabled, governance })) };
}

function deprecations(governance: Governance): string[] {
  if (governance.transformation_strategy !== "custom_wrapper") return [];
  return ["governance.transformation_strategy: has no effect and is deprecated; leave it out"];
}

/** The servers as the event `governance.config.loaded` tells them. */
export function configuredServers(configuration: Configuration): EventOf<"governance.config.loaded">["servers"] {
  return configuration.servers.map(({ name, transport, port, governance }) => ({
    name,
    transport: transport.kind,
    mode: governance.mode,
    port,
    rateLimit: governance.rate_limit,
    governance,
  }));
}
