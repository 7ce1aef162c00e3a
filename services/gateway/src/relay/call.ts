import { setImmediate as endOfTurn } from "node:timers/promises";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { faultOf } from "../fault.ts";
import type { Reply } from "../front/reply.ts";
import type { InFlight, Session } from "../front/session.ts";
import { errorText } from "../jsonrpc/compose.ts";
import { type Message, splice, textAt } from "../jsonrpc/message.ts";
import type { Metrics } from "../metrics.ts";
import type { ScreenFor } from "../obligations/screen.ts";
import type { Caller } from "../upstream/caller.ts";
import type { Exchange } from "../upstream/upstream.ts";
import { denialText } from "./denial.ts";
import type { Enforce } from "./enforce.ts";
import { governedCall, type Route } from "./governed-call.ts";
import type { HandBack, PermittedCall } from "./hand-back.ts";
import type { Notifications } from "./notifications.ts";
import type { Reports } from "./reports.ts";
import { Speech } from "./speech.ts";
import type { Ending, Trail } from "./trail.ts";

export interface CallOptions {
  enforce: Enforce;
  screenFor: ScreenFor;
  handBack: HandBack;
  reports: Pick<Reports, "labelled">;
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
export function createCallRelay(options: CallOptions): RelayCall {
  const { enforce, screenFor, handBack, reports, trail, metrics, notifications, log } = options;
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
      const screen = screenFor(call, decision);
      notifications.uses(session, route.upstream, screen);
      const speech = new Speech({ call, permit: decision, reports, send: (text) => reply.send(text), log });
      const permitted = { call, permit: decision, screen, hasSaid: () => speech.hasSaid };
      const asked = performance.now();
      const outcome = await forward(incoming, { route, flight, permitted, speech, log });
      const upstreamMs = performance.now() - asked;
      await speech.settled();
      const ending = await handBack(permitted, outcome);
      trail.completed(call, decision.decisionId, { ...ending, upstreamMs });
      const granted = "answer" in outcome && !outcome.answer.error;
      metrics.ended(call, statusOf(ending));
      // The journal keeps by then what was told in this turn, so that a kill finds no call answered and its end unrecorded.
      await endOfTurn();
      answer(incoming, ending);
      return granted;
    } finally {
      if (session.calls.get(message.id) === flight) session.calls.delete(message.id);
    }
  };
}

function statusOf(ending: Ending): "success" | "error" | "denied" {
  if ("failure" in ending) return "error";
  if (ending.isDenied) return "denied";
  return ending.answer.error ? "error" : "success";
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

interface Forwarding {
  route: Route;
  flight: Flight;
  permitted: PermittedCall;
  speech: Speech;
  log: Log;
}

async function forward(incoming: Incoming, { route, flight, permitted, speech, log }: Forwarding): Promise<Ending> {
  const { message } = incoming;
  const { upstream, edits } = route;
  const caller = callerOf(incoming, speech, permitted);
  try {
    const { timeoutMs } = permitted.call.server;
    return { answer: await flight.sent(() => upstream.request({ message, edits, caller, timeoutMs })) };
  } catch (error) {
    return { failure: faultOf(error, log) };
  }
}

function callerOf({ session, message }: Incoming, speech: Speech, { screen }: PermittedCall): Caller {
  const token = textAt(message, "params._meta.progressToken");
  return {
    sessionId: session.id,
    labelled: () => speech.labelled(),
    say: (text) => speech.say(text),
    shown: (heard) => screen.shown(heard),
    onNotification(heard) {
      const notification = screen.shown(heard);
      if (notification === undefined) return;
      if (notification.method === "notifications/message" && !session.wants(notification.params.level)) return;
      // Progress that nobody asked for has no token to go by.
      if (notification.method === "notifications/progress" && token === undefined) return;
      void speech.say(splice(notification.text, [[notification.span("params.progressToken"), token ?? ""]]));
    },
  };
}

function answer({ message, reply }: Incoming, ending: Ending): void {
  if ("answer" in ending) return reply.end(splice(ending.answer.text, [[ending.answer.span("id"), message.id]]));
  if (ending.failure.code === "client.cancelled") return reply.abandon();
  reply.end(errorText(message.id, ending.failure));
}
