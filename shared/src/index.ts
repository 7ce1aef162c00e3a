export { checkEvent, parseJson } from "./adapters/parse-event.ts";
export { canonicalJson } from "./canonical-json.ts";
export {
  ClientInfo,
  CompletionReport,
  Decision,
  type DecisionFacts,
  DecisionRequest,
  type Degradation,
  type Denial,
  DenialCode,
  GovernedMethod,
  type Obligation,
  type Permit,
  type ShadowDenial,
  Visibility,
  VisibilityQuery,
} from "./decision.ts";
export { digestOf } from "./digest.ts";
export { CommaList, EXIT_BAD_CONFIGURATION, loadEnv, Port } from "./env.ts";
export { type ErrorCode, errorTable, GovernanceError, type JsonRpcError, toJsonRpcError } from "./errors.ts";
export type { Backlog, Batch, Consumer, DeadLetter, EventBus, EventPublisher } from "./event-bus.ts";
export {
  CallStatus,
  type EventOf,
  events,
  type Masking,
  Outcome,
  Payload,
  type Published,
  Recording,
  type Subject,
  UpstreamState,
} from "./events.ts";
export { type HealthOptions, healthRoutes, type ReadinessCheck, serveHealth } from "./health.ts";
export { type Closable, runService, Scope, StartupError } from "./lifecycle.ts";
export { createLog, type Log, LogLevel, silentLog } from "./log.ts";
export { type PolicyAdmin, PolicyAnswer, PolicyQuestion, PolicyScope } from "./policy-admin.ts";
export { parseRedisUrl, type RedisAddress, RedisUrl } from "./redis-url.ts";
