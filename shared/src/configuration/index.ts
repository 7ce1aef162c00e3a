export { type CheckOptions, type CheckResult, checkConfiguration } from "./check.ts";
export { checkJson, JsonObject } from "./check-json.ts";
export { configuredServers } from "./compile.ts";
export { readDotEnv } from "./dot-env.ts";
export type { Governance } from "./file-schema.ts";
export { configurationJsonSchema } from "./json-schema.ts";
export { checkConfigurationFile, DEFAULT_CONFIGURATION_FILE, type FileOptions, loadConfigurationFile } from "./load.ts";
export {
  GlobalPolicySettings,
  PatternPack,
  PolicyDocument,
  ServerPolicySettings,
} from "./policy-document.ts";
export type { DocumentProblem, ProblemsOf } from "./policy-findings.ts";
export { formatPath, formatProblem, type Problem } from "./problem.ts";
export { type AlertRule, type Alerts, RecordSettings, type Retention, type Webhook } from "./record-schema.ts";
export { revisionOf } from "./revision.ts";
export type { CountersFailureMode, LabelRule, LimitRule, PolicyRule, ResultRule, Selector } from "./rules-schema.ts";
export { ServerGovernance } from "./schema.ts";
export { schemaFindings } from "./shape.ts";
export type { Configuration, Server, UpstreamTransport } from "./types.ts";
export { type WatchOptions, type WatchResult, watchConfigurationFile } from "./watch.ts";
