import type { Governance } from "./file-schema.ts";
import type { PolicyDocument } from "./policy-document.ts";
import type { RecordSettings } from "./record-schema.ts";
import type { ServerGovernance } from "./schema.ts";

/** How an upstream is reached. Values are ready for use: variables replaced, paths as given. */
export type UpstreamTransport =
  | { kind: "stdio"; command: string; args: readonly string[]; env: Readonly<Record<string, string>>; cwd?: string }
  | { kind: "streamable-http"; url: string; headers: Readonly<Record<string, string>> };

export interface Server {
  name: string;
  transport: UpstreamTransport;
  /** Milliseconds a request may take at the upstream. */
  timeoutMs: number;
  disabled: boolean;
  /** The port that serves it, as the deployment mode has it. */
  port: number;
  /** In the file's own words, defaults filled in. */
  governance: ServerGovernance;
}

/** One configuration file, checked as a whole and ready for use. */
export interface Configuration {
  /** First 12 hex digits of the SHA-256 over the canonical governance settings: equal text, equal revision. */
  revision: string;
  deploymentMode: "unified" | "multi-port" | "hybrid";
  basePort: number;
  /** As the file has it; idle where the environment names another database. */
  mongodbUri: string | undefined;
  authDisabled: boolean;
  enableTracking: boolean;
  enableDashboard: boolean;
  /** In the order of the file, disabled ones included. */
  servers: readonly Server[];
  /** All of it that decides on calls. */
  policy: PolicyDocument;
  /** What becomes of calls while the policy service gives no decision. */
  onPolicyFailure: Governance["failure_modes"]["policy"];
  /** How long what is kept, and what raises an alert. */
  record: RecordSettings;
  /** What was tolerated and the operator should know, one sentence each. */
  warnings: readonly string[];
}
