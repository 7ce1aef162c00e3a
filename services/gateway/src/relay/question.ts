import { randomUUID } from "node:crypto";
import { GovernedMethod } from "@mcp-governance-bridge/shared";
import type { Session } from "../front/session.ts";
import { type Message, splice, textAt } from "../jsonrpc/message.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { GovernedCall } from "./governed-call.ts";

interface Asked {
  upstream: Upstream;
  message: Message;
  session: Session;
}

/** The request as the client gets it: under an id of its session. */
export function under(id: number, message: Message): string {
  return splice(message.text, [
    [message.span("id"), String(id)],
    [message.span("params._meta.progressToken"), String(id)],
  ]);
}

/** The client's progress on a request, under the token that the upstream gave for it. */
export function underTokenOf(message: Message, progress: Message): string {
  const token = textAt(message, "params._meta.progressToken") ?? "null";
  return splice(progress.text, [[progress.span("params.progressToken"), token]]);
}

/** What is governed about a request of an upstream. */
export function governedQuestion({ upstream, message, session }: Asked): GovernedCall {
  return {
    callId: randomUUID(),
    session,
    server: upstream.server,
    method: GovernedMethod.parse(message.method),
    target: message.method,
    arguments: message.params,
    argumentsText: textAt(message, "params") ?? "{}",
    annotations: undefined,
    startedAt: new Date(),
    startedMs: performance.now(),
    policyMs: 0,
  };
}
