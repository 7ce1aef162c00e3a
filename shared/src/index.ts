export {
  ClientInfo,
  Decision,
  DecisionRequest,
  type Denial,
  DenialCode,
  GovernedMethod,
  type Obligation,
  type Permit,
} from "./decision.ts";
export { CommaList, EXIT_BAD_CONFIGURATION, loadEnv, Port } from "./env.ts";
export { type ErrorCode, errorTable, GovernanceError, type JsonRpcError, toJsonRpcError } from "./errors.ts";
export type { Batch, DeadLetter, EventBus, EventPublisher } from "./event-bus.ts";
export {
  CallStatus,
  type EventOf,
  events,
  Outcome,
  Payload,
  type Published,
  type Subject,
  UpstreamState,
} from "./events.ts";
export { type HealthOptions, healthRoutes, type ReadinessCheck, serveHealth } from "./health.ts";
export { type Closable, runService, Scope, StartupError } from "./lifecycle.ts";
export { createLog, type Log, LogLevel, silentLog } from "./log.ts";
