import {
  type CallStatus,
  type Decision,
  type EventOf,
  type EventPublisher,
  errorTable,
  type GovernanceError,
  type Masking,
  type Outcome,
  type Payload,
  type Recording,
} from "@mcp-governance-bridge/shared";
import type { Configuration } from "@mcp-governance-bridge/shared/configuration";
import { isObject, type Message, textAt } from "../jsonrpc/message.ts";
import type { GovernedCall } from "./governed-call.ts";

/** How a permitted call ended: with an answer, or with the reason why there is none. */
export type Ending = (Answered | { failure: GovernanceError }) & {
  /** What rules on results found. */
  masked?: readonly Masking[];
};

interface Answered {
  /** As the asker gets it. */
  answer: Message;
  /** As the upstream gave it, where that is another. */
  original?: Message;
  /** A rule on results denied it. */
  isDenied?: boolean;
}

export type Trail = ReturnType<typeof createTrail>;

type Transport = Outcome["transport"];

const transports: Partial<Record<GovernanceError["code"], Transport>> = {
  "upstream.unavailable": "unavailable",
  "upstream.lost": "lost",
  "upstream.timeout": "timeout",
  "upstream.invalid": "invalid",
  "client.cancelled": "cancelled",
  "client.gone": "lost",
  "audit.unavailable": "refused",
};

/** What of the configuration says how calls are recorded. */
export type TrailSettings = Pick<Configuration, "deploymentMode" | "enableTracking">;

/** Tells the tracker what was decided and how it ended. */
export function createTrail(publisher: EventPublisher, settings: () => TrailSettings) {
  return {
    /** Rejects with `audit.unavailable` when the decision may not be kept; it is kept later then, if at all possible. */
    async decided(call: GovernedCall, decision: Decision, policyMs: number): Promise<void> {
      call.policyMs = policyMs;
      const event = decidedEvent(call, decision, settings());
      try {
        await publisher.publish("governance.call.decided", event);
      } catch (error) {
        publisher.tell("governance.call.decided", event);
        throw error;
      }
    },

    /** A permitted call has ended. */
    completed(call: GovernedCall, decisionId: string, ending: Ending & { upstreamMs: number }): void {
      const recording = recordingOf(call, settings());
      const event = completedEvent(call, { decisionId, ending, recording });
      // Denials are recorded, whatever else is not.
      if (recording !== "decision" || event.status === "denied") publisher.tell("governance.call.completed", event);
    },
  };
}

function decidedEvent(
  call: GovernedCall,
  decision: Decision,
  settings: TrailSettings,
): EventOf<"governance.call.decided"> {
  const { log_inputs, max_log_size, track_api_usage } = call.server.governance;
  const recording = recordingOf(call, settings);
  return {
    ...identity(call, "decided"),
    roles: [...call.session.state.roles],
    annotations: call.annotations ?? null,
    decision,
    policyMs: rounded(call.policyMs),
    inputs: log_inputs && recording === "full" ? payload(call.argumentsText, max_log_size) : null,
    deploymentMode: settings.deploymentMode,
    recording,
    counted: settings.enableTracking && track_api_usage,
  };
}

function recordingOf({ server }: GovernedCall, { enableTracking }: TrailSettings): Recording {
  const { enable_tool_logging, detailed_tracking } = server.governance;
  if (!(enableTracking && enable_tool_logging)) return "decision";
  return detailed_tracking ? "full" : "outline";
}

interface Completion {
  decisionId: string;
  ending: Ending & { upstreamMs: number };
  recording: Recording;
}

function completedEvent(
  call: GovernedCall,
  { decisionId, ending, recording }: Completion,
): EventOf<"governance.call.completed"> {
  const { log_outputs, max_log_size } = call.server.governance;
  const { answer, isDenied = false } = "answer" in ending ? ending : {};
  const outcome = outcomeOf(ending);
  const result = answer && (textAt(answer, "result") ?? textAt(answer, "error"));
  const durationMs = performance.now() - call.startedMs;
  const isKept = log_outputs && recording === "full" && result !== undefined;
  return {
    ...identity(call, "completed"),
    decisionId,
    status: isDenied ? "denied" : statusOf(outcome),
    outcome,
    errorMessage: errorMessageOf(ending)?.slice(0, MAX_MESSAGE) ?? null,
    durationMs: rounded(durationMs),
    upstreamMs: rounded(ending.upstreamMs),
    gatewayMs: rounded(Math.max(0, durationMs - ending.upstreamMs - call.policyMs)),
    outputs: isKept ? payload(result, max_log_size) : null,
    masked: [...(ending.masked ?? [])],
    recording,
  };
}

function identity({ callId, session, server, method, target, startedAt }: GovernedCall, fact: string) {
  const { id, principal, client, protocolVersion } = session.state;
  return {
    id: `${callId}.${fact}`,
    at: new Date().toISOString(),
    startedAt: startedAt.toISOString(),
    callId,
    sessionId: id,
    principal,
    client,
    server: server.name,
    method,
    target,
    protocolVersion,
  };
}

function outcomeOf(ending: Ending): Outcome {
  if ("failure" in ending) return failed(ending.failure);
  const { error, result } = ending.original ?? ending.answer;
  if (error) return { transport: "ok", rpc: error.code, toolError: null };
  const isError = isObject(result) && typeof result.isError === "boolean" ? result.isError : null;
  return { transport: "ok", rpc: null, toolError: isError };
}

function failed({ code }: GovernanceError): Outcome {
  // The answer came and could not be handed back.
  if (code === "policy.unavailable") return { transport: "ok", rpc: errorTable[code].rpc, toolError: null };
  return { transport: transports[code] ?? "lost", rpc: null, toolError: null };
}

function statusOf({ transport, rpc, toolError }: Outcome): CallStatus {
  if (transport === "refused") return "denied";
  return transport === "ok" && rpc === null && toolError !== true ? "success" : "error";
}

function errorMessageOf(ending: Ending): string | null {
  if ("failure" in ending) return ending.failure.message;
  const { error, result } = ending.answer;
  if (error) return error.message;
  if (!isObject(result) || result.isError !== true || !Array.isArray(result.content)) return null;
  const texts = result.content.filter(isObject).flatMap(({ text }) => (typeof text === "string" ? [text] : []));
  return texts.join("\n");
}

const MAX_MESSAGE = 1_000;

/** Microseconds are all that a clock here is worth. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function payload(text: string, max: number): Payload {
  const truncated = text.length > max;
  return { text: truncated ? text.slice(0, max) : text, size: text.length, truncated };
}
