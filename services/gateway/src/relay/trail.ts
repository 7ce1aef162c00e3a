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
} from "@mcp-governance-bridge/shared";
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

/** Tells the tracker what was decided and how it ended. */
export function createTrail(publisher: EventPublisher, deploymentMode: () => string) {
  return {
    /** Rejects with `audit.unavailable` when the decision may not be kept; it is kept later then, if at all possible. */
    async decided(call: GovernedCall, decision: Decision, policyMs: number): Promise<void> {
      const event = { ...decidedEvent(call, decision, policyMs), deploymentMode: deploymentMode() };
      try {
        await publisher.publish("governance.call.decided", event);
      } catch (error) {
        publisher.tell("governance.call.decided", event);
        throw error;
      }
    },

    /** A permitted call has ended. */
    completed(call: GovernedCall, decisionId: string, ending: Ending & { upstreamMs: number }): void {
      publisher.tell("governance.call.completed", completedEvent(call, decisionId, ending));
    },
  };
}

function decidedEvent(call: GovernedCall, decision: Decision, policyMs: number) {
  const { log_inputs, max_log_size } = call.server.governance;
  return {
    ...identity(call, "decided"),
    roles: [...call.session.state.roles],
    annotations: call.annotations ?? null,
    decision,
    policyMs: rounded(policyMs),
    inputs: log_inputs ? payload(call.argumentsText, max_log_size) : null,
  };
}

function completedEvent(
  call: GovernedCall,
  decisionId: string,
  ending: Ending & { upstreamMs: number },
): EventOf<"governance.call.completed"> {
  const { log_outputs, max_log_size } = call.server.governance;
  const { answer, isDenied = false } = "answer" in ending ? ending : {};
  const outcome = outcomeOf(ending);
  const result = answer && (textAt(answer, "result") ?? textAt(answer, "error"));
  return {
    ...identity(call, "completed"),
    decisionId,
    status: isDenied ? "denied" : statusOf(outcome),
    outcome,
    errorMessage: errorMessageOf(ending)?.slice(0, MAX_MESSAGE) ?? null,
    durationMs: rounded(performance.now() - call.startedMs),
    upstreamMs: rounded(ending.upstreamMs),
    outputs: log_outputs && result !== undefined ? payload(result, max_log_size) : null,
    masked: [...(ending.masked ?? [])],
  };
}

function identity({ callId, session, server, method, target, startedAt }: GovernedCall, fact: string) {
  const { id, principal, client } = session.state;
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
