import type { EventOf } from "../events.ts";
import type { ConfigurationFile, Governance } from "./file-schema.ts";
import { portOf } from "./placement.ts";
import {
  GlobalPolicySettings,
  type PatternPack,
  type PolicyDocument,
  ServerPolicySettings,
} from "./policy-document.ts";
import { formatPath } from "./problem.ts";
import { RecordSettings } from "./record-schema.ts";
import { revisionOf } from "./revision.ts";
import { compileTransport } from "./transport.ts";
import type { Configuration, Server } from "./types.ts";

/** What a configuration has besides its file's own data. */
export interface Besides {
  packs: readonly PatternPack[];
  warnings: readonly string[];
}

/** Turns a checked file into what the services work with. */
export function compileConfiguration(file: ConfigurationFile, { packs, warnings }: Besides): Configuration {
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
    revision: revisionOf(revisedSettings(governance, servers, packs)),
    deploymentMode: governance.deployment_mode,
    basePort: governance.base_port,
    mongodbUri: governance.mongodb_uri,
    authDisabled: governance.auth_disabled,
    enableTracking: governance.enable_tracking,
    enableDashboard: governance.enable_dashboard,
    servers,
    policy: policyDocumentOf(file, packs),
    onPolicyFailure: governance.failure_modes.policy,
    record: RecordSettings.parse(governance),
    warnings: [...warnings, ...deprecations(governance), ...servers.flatMap(lowSecurity)],
  };
}

/** What of a checked file decides on calls. */
function policyDocumentOf(
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

/** What a revision stands for: everything that governs, nothing that connects or is a secret. */
function revisedSettings(
  { mongodb_uri: _uri, alerts: _alerts, retention: _retention, ...governance }: Governance,
  servers: readonly Server[],
  packs: readonly PatternPack[],
): unknown {
  const governed = servers.map(({ name, disabled, governance }) => ({ name, disabled, governance }));
  return { governance, servers: governed, packs };
}

function deprecations(governance: Governance): string[] {
  if (governance.transformation_strategy !== "custom_wrapper") return [];
  return ["governance.transformation_strategy: has no effect and is deprecated; leave it out"];
}

function lowSecurity({ name, governance }: Server): string[] {
  if (governance.security_level !== "low" || governance.pattern_packs) return [];
  const path = formatPath(["mcpServers", name, "governance", "security_level"]);
  return [`${path}: "low" leaves out the pattern pack credentials, which the seed applied at every level`];
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
