import { setImmediate as endOfTurn } from "node:timers/promises";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { faultOf } from "../fault.ts";
import type { Reply } from "../front/reply.ts";
import type { InFlight, Session } from "../front/session.ts";
import { errorText } from "../jsonrpc/compose.ts";
import { type Message, splice, textAt } from "../jsonrpc/message.ts";
import type { Metrics } from "../metrics.ts";
import type { Caller } from "../upstream/link.ts";
import type { Exchange } from "../upstream/upstream.ts";
import { denialText } from "./denial.ts";
import type { Enforce } from "./enforce.ts";
import { type GovernedCall, governedCall, type Route } from "./governed-call.ts";
import type { Notifications } from "./notifications.ts";
import type { Ending, Trail } from "./trail.ts";

export interface CallOptions {
  enforce: Enforce;
  trail: Trail;
  metrics: Metrics;
  notifications: Pick<Notifications, "uses">;
  log: Log;
}

/** A request of a client and where its answer goes. */
export interface Incoming {
  session: Session;
  /** A request: it has an id. */
  message: Message & { id: string };
  reply: Reply;
}

export type RelayCall = (incoming: Incoming, route: Route) => Promise<boolean>;

/** One governed call: ask, then refuse, or forward and hand back what comes. Resolves with whether the upstream granted it. */
export function createCallRelay({ enforce, trail, metrics, notifications, log }: CallOptions): RelayCall {
  return async (incoming, route) => {
    const { session, message, reply } = incoming;
    const call = governedCall(session, message, route);
    const flight = new Flight();
    session.calls.set(message.id, flight);
    try {
      const decision = await enforce(call);
      if (decision.effect === "deny") {
        metrics.ended(call, "denied");
        reply.end(denialText(message.id, message.method, decision));
        return false;
      }
      notifications.uses(session, route.upstream);
      const asked = performance.now();
      const ending = await forward(incoming, { route, flight, call, log });
      trail.completed(call, decision.decisionId, { ...ending, upstreamMs: performance.now() - asked });
      const granted = "answer" in ending && !ending.answer.error;
      metrics.ended(call, granted ? "success" : "error");
      // The journal keeps by then what was told in this turn, so that a kill finds no call answered and its end unrecorded.
      await endOfTurn();
      answer(incoming, ending);
      return granted;
    } finally {
      if (session.calls.get(message.id) === flight) session.calls.delete(message.id);
    }
  };
}

/** What a client's cancellation finds of its call: nothing sent yet, or an exchange to give up. */
class Flight implements InFlight {
  #exchange: Exchange | undefined;
  #cancelled = false;

  /** Throws when the client changed its mind before anything was sent. */
  sent(send: () => Exchange): Promise<Message> {
    if (this.#cancelled) throw new GovernanceError("client.cancelled", "cancelled by the client");
    this.#exchange = send();
    return this.#exchange.response;
  }

  cancel(message: Message): void {
    this.#cancelled = true;
    this.#exchange?.cancel((id) => splice(message.text, [[message.span("params.requestId"), String(id)]]));
  }
}

async function forward(
  incoming: Incoming,
  { route, flight, call, log }: { route: Route; flight: Flight; call: GovernedCall; log: Log },
): Promise<Ending> {
  const { message } = incoming;
  const { upstream, edits } = route;
  const caller = callerOf(incoming);
  try {
    const { timeoutMs } = call.server;
    return { answer: await flight.sent(() => upstream.request({ message, edits, caller, timeoutMs })) };
  } catch (error) {
    return { failure: faultOf(error, log) };
  }
}

function callerOf({ session, message, reply }: Incoming): Caller {
  const token = textAt(message, "params._meta.progressToken");
  return {
    sessionId: session.id,
    say: (text) => reply.send(text),
    onNotification(notification) {
      if (notification.method === "notifications/message" && !session.wants(notification.params.level)) return;
      // Progress that nobody asked for has no token to go by.
      if (notification.method === "notifications/progress" && token === undefined) return;
      reply.send(splice(notification.text, [[notification.span("params.progressToken"), token ?? ""]]));
    },
  };
}

function answer({ message, reply }: Incoming, ending: Ending): void {
  if ("answer" in ending) return reply.end(splice(ending.answer.text, [[ending.answer.span("id"), message.id]]));
  if (ending.failure.code === "client.cancelled") return reply.abandon();
  reply.end(errorText(message.id, ending.failure));
}
