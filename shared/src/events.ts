import { z } from "zod";
import { ClientInfo, Decision, GovernedMethod } from "./decision.ts";

/**
 * What went in or came out, as the JSON text it was, so that numbers and names survive that no database keeps.
 * `size` counts the characters of the whole; `text` may be a prefix of it (`truncated`).
 */
export const Payload = z.object({ text: z.string(), size: z.int().nonnegative(), truncated: z.boolean() });
export type Payload = z.infer<typeof Payload>;

/** `success`, `error` and `denied` are the seed's; `unknown` is a call whose end nobody saw. */
export const CallStatus = z.enum(["success", "error", "denied", "unknown"]);
export type CallStatus = z.infer<typeof CallStatus>;

/** Three levels, since an HTTP 200 can carry a JSON-RPC error, and a JSON-RPC result a tool's failure. */
export const Outcome = z.object({
  transport: z.enum(["ok", "unavailable", "lost", "timeout", "cancelled", "invalid", "refused"]),
  /** The JSON-RPC error code of the answer; null where it was a result or none came. */
  rpc: z.int().nullable(),
  /** `isError` of a tool's result; null where there was no tool result. */
  toolError: z.boolean().nullable(),
});
export type Outcome = z.infer<typeof Outcome>;

export const UpstreamState = z.enum(["starting", "connected", "disconnected", "disabled"]);
export type UpstreamState = z.infer<typeof UpstreamState>;

const event = <Shape extends z.ZodRawShape>(data: Shape) =>
  z.object({
    /** The one identity of the fact: message id on the bus, key of whatever is written for it. */
    id: z.string().min(1),
    at: z.iso.datetime(),
    ...data,
  });

const call = {
  callId: z.uuid(),
  sessionId: z.string(),
  principal: z.string(),
  client: ClientInfo.nullable(),
  /** Name of the upstream in the configuration. */
  server: z.string(),
  method: GovernedMethod,
  /** The upstream's own name of the tool or prompt, or the resource's URI; the method where there is neither. */
  target: z.string(),
};

const tool = z.object({
  name: z.string(),
  publicName: z.string(),
  description: z.string(),
  /** The tool's whole definition as the upstream gave it, JSON text. */
  definition: z.string(),
});

const configuredServer = z.object({
  name: z.string(),
  transport: z.string(),
  mode: z.string(),
  port: z.int(),
  rateLimit: z.int(),
  /** The server's `governance` settings with defaults filled in. Never credentials. */
  governance: z.record(z.string(), z.unknown()),
});

/** Every fact the services tell each other. The key is the NATS subject, so the list is the map of the system. */
export const events = {
  "governance.call.decided": event({
    ...call,
    decision: Decision,
    /** When the call arrived; `at` is when it was decided. */
    startedAt: z.iso.datetime(),
    policyMs: z.number().nonnegative(),
    inputs: Payload.nullable(),
    deploymentMode: z.string(),
  }),
  "governance.call.completed": event({
    ...call,
    decisionId: z.uuid(),
    status: CallStatus,
    outcome: Outcome,
    errorMessage: z.string().nullable(),
    startedAt: z.iso.datetime(),
    durationMs: z.number().nonnegative(),
    upstreamMs: z.number().nonnegative(),
    outputs: Payload.nullable(),
  }),
  "governance.session.opened": event({
    sessionId: z.string(),
    principal: z.string(),
    client: ClientInfo.nullable(),
    protocolVersion: z.string(),
    listener: z.string(),
  }),
  "governance.session.closed": event({ sessionId: z.string(), reason: z.enum(["client", "expired", "shutdown"]) }),
  "governance.upstream.changed": event({
    server: z.string(),
    state: UpstreamState,
    reason: z.string().nullable(),
  }),
  "governance.catalogue.changed": event({ server: z.string(), tools: z.array(tool) }),
  "governance.config.loaded": event({
    revision: z.string(),
    deploymentMode: z.string(),
    basePort: z.int(),
    servers: z.array(configuredServer),
  }),
} as const;

export type Subject = keyof typeof events;
export type EventOf<S extends Subject> = z.infer<(typeof events)[S]>;

/** An event with the subject it was published under. */
export type Published = { [S in Subject]: { subject: S; event: EventOf<S> } }[Subject];
