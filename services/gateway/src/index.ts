export { createMemorySessionStore } from "./adapters/memory-session-store.ts";
export { Env } from "./config.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export type { Ask, DecisionPoint, GovernanceApi, SessionStore } from "./ports.ts";
