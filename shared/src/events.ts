import { z } from "zod";
import { ClientInfo, Decision, GovernedMethod } from "./decision.ts";

/** What went in or came out, as the JSON text it was, so that numbers and names survive that no database keeps. */
export const Payload = z.object({
  text: z.string().describe("JSON text, or the beginning of it"),
  size: z.int().nonnegative().describe("Characters of the whole"),
  truncated: z.boolean().describe("True where the text is only the beginning"),
});
export type Payload = z.infer<typeof Payload>;

/** `success`, `error` and `denied` are the seed's; `unknown` is a call whose end nobody saw. */
export const CallStatus = z.enum(["success", "error", "denied", "unknown"]);
export type CallStatus = z.infer<typeof CallStatus>;

/** Three levels, since an HTTP 200 can carry a JSON-RPC error, and a JSON-RPC result a tool's failure. */
export const Outcome = z.object({
  transport: z
    .enum(["ok", "unavailable", "lost", "timeout", "cancelled", "invalid", "refused"])
    .describe("Whether the call reached the upstream and its answer came back"),
  rpc: z.int().nullable().describe("The JSON-RPC error code of the answer; null where it was a result or none came"),
  toolError: z.boolean().nullable().describe("`isError` of a tool's result; null where there was no tool result"),
});
export type Outcome = z.infer<typeof Outcome>;

/**
 * How much of a call the record keeps. `full`: all; `outline`: all but inputs, outputs and the split of its time;
 * `decision`: of a permitted call its decision alone, of a denied one all the same as `outline`.
 */
export const Recording = z.enum(["full", "outline", "decision"]);
export type Recording = z.infer<typeof Recording>;

export const UpstreamState = z.enum(["starting", "connected", "disconnected", "disabled"]);
export type UpstreamState = z.infer<typeof UpstreamState>;

const event = <Shape extends z.ZodRawShape>(sentence: string, data: Shape) =>
  z
    .object({
      id: z
        .string()
        .min(1)
        .describe("The one identity of the fact: message id on the bus, key of whatever is written for it"),
      at: z.iso.datetime().describe("When it happened"),
      ...data,
    })
    .describe(sentence);

const call = {
  callId: z.uuid().describe("The call; one id from decision to completion"),
  sessionId: z.string().describe("The client's session"),
  principal: z.string().describe("Who the client proved to be"),
  client: ClientInfo.nullable().describe("What the client says of itself"),
  server: z.string().describe("Name of the upstream in the configuration"),
  method: GovernedMethod,
  target: z
    .string()
    .describe(
      "The upstream's own name of the tool or prompt, or the resource's URI; the method where there is neither",
    ),
  protocolVersion: z.string().nullable().default(null).describe("The MCP version that the client speaks"),
};

const startedAt = z.iso.datetime().describe("When the call arrived");

const tool = z.object({
  name: z.string().describe("The upstream's own name"),
  publicName: z.string().describe("The name that clients see"),
  description: z.string(),
  definition: z.string().describe("The tool's whole definition as the upstream gave it, JSON text"),
});

const configuredServer = z.object({
  name: z.string(),
  transport: z.string(),
  mode: z.string(),
  port: z.int().describe("The port that serves it"),
  rateLimit: z.int().describe("Calls permitted in any 60 seconds"),
  governance: z
    .record(z.string(), z.unknown())
    .describe("The server's `governance` settings with defaults filled in; never credentials"),
});

/** What a rule took out of a result. */
export const Masking = z.object({
  rule: z.string(),
  action: z.enum(["redact", "withhold", "truncate", "deny"]),
  pattern: z
    .string()
    .nullable()
    .describe("`pack/pattern` or the pattern that was found; null where none was looked for"),
  pointer: z.string().describe("JSON pointer to the text, into the result or error; empty for the whole"),
  count: z.int().positive().describe("How often it was found there"),
  shadow: z.boolean().optional().describe("true where the rule is only tried and the text went out as it was"),
});
export type Masking = z.infer<typeof Masking>;

/** Every fact the services tell each other. The key is the NATS subject, so the list is the map of the system. */
export const events = {
  "governance.call.decided": event("A governed call was permitted or denied; kept before anything is forwarded.", {
    ...call,
    roles: z.array(z.string()).default([]).describe("The roles that the principal had"),
    annotations: z
      .record(z.string(), z.unknown())
      .nullable()
      .default(null)
      .describe("The tool's annotations as the upstream gave them; null where there are none"),
    decision: Decision,
    startedAt,
    policyMs: z.number().nonnegative().describe("Milliseconds that the decision took"),
    inputs: Payload.nullable().describe("The call's parameters; null where they are not to be kept"),
    deploymentMode: z.string(),
    recording: Recording.default("full").describe("How much of the call is to be kept"),
    counted: z.boolean().default(true).describe("Whether figures of usage are to count the call"),
  }),
  "governance.call.completed": event("A governed call came to its end, whatever that was.", {
    ...call,
    decisionId: z.uuid().describe("The decision that the call ran under"),
    status: CallStatus,
    outcome: Outcome,
    errorMessage: z.string().nullable().describe("What went wrong; null where nothing did"),
    startedAt,
    durationMs: z.number().nonnegative().describe("Milliseconds from arrival to end"),
    upstreamMs: z.number().nonnegative().describe("Milliseconds of them spent waiting for the upstream"),
    gatewayMs: z
      .number()
      .nonnegative()
      .nullable()
      .default(null)
      .describe("Milliseconds of them that were neither the policy's nor the upstream's"),
    outputs: Payload.nullable().describe(
      "The answer as the client got it; null where there was none or it is not to be kept",
    ),
    masked: z.array(Masking).default([]).describe("What rules on results took out of it"),
    recording: Recording.default("full").describe("How much of the call is to be kept, as with its decision"),
  }),
  "governance.record.read": event("Somebody read the record through the governance API.", {
    reader: z.string().describe("Who they proved to be"),
    address: z.string().nullable().describe("Where they asked from; null where that is not known"),
    route: z.string().describe("Method and path pattern: `GET /governance/tool-logs`"),
    path: z.string().describe("The path that was asked"),
    query: z.record(z.string(), z.string()).describe("What they asked for"),
  }),
  "governance.session.opened": event("A client opened a session.", {
    sessionId: z.string(),
    principal: z.string().describe("Who the client proved to be"),
    client: ClientInfo.nullable().describe("What the client says of itself"),
    protocolVersion: z.string().describe("The MCP version agreed on"),
    listener: z.string().describe("The listener it came in by"),
  }),
  "governance.session.closed": event("A session ended.", {
    sessionId: z.string(),
    reason: z.enum(["client", "expired", "shutdown"]).describe("Who or what ended it"),
  }),
  "governance.upstream.changed": event("An upstream server came, went, or was switched off.", {
    server: z.string().describe("Name of the upstream in the configuration"),
    state: UpstreamState,
    reason: z.string().nullable().describe("Why, where that is known"),
  }),
  "governance.catalogue.changed": event("The tools that an upstream offers were read anew.", {
    server: z.string().describe("Name of the upstream in the configuration"),
    tools: z.array(tool).describe("All of its tools"),
  }),
  "governance.config.loaded": event("A configuration took effect.", {
    revision: z.string().describe("12 hex digits that stand for the governance settings"),
    deploymentMode: z.string(),
    basePort: z.int(),
    servers: z.array(configuredServer).describe("In the order of the file, disabled ones included"),
  }),
  "governance.policy.changed": event("Another revision of the policy took effect.", {
    number: z.int().positive().describe("Counts from 1; the key of the revision"),
    revision: z.string().describe("The revision as decisions name it"),
    origin: z.enum(["file", "edit", "reset", "rollback", "candidate"]).describe("What brought it about"),
    who: z.string().describe("Who made the change, as far as is known"),
    why: z.string().describe("Their reason; empty where none was given"),
    changes: z
      .array(z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
      .describe("What differs from the revision before: JSON texts, null where there was or is nothing"),
    document: z.string().describe("The whole policy document, canonical JSON text"),
    candidate: z
      .string()
      .nullable()
      .describe("The document on trial beside it, canonical JSON text; null where none is"),
  }),
} as const;

export type Subject = keyof typeof events;
export type EventOf<S extends Subject> = z.infer<(typeof events)[S]>;

/** An event with the subject it was published under. */
export type Published = { [S in Subject]: { subject: S; event: EventOf<S> } }[Subject];
