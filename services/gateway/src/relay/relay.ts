import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { KINDS, type Kind } from "../catalogue/catalogue.ts";
import type { View } from "../catalogue/view.ts";
import { faultOf } from "../fault.ts";
import type { Session } from "../front/session.ts";
import type { Sessions } from "../front/sessions.ts";
import { errorText, resultText } from "../jsonrpc/compose.ts";
import type { Message } from "../jsonrpc/message.ts";
import { LOG_LEVELS } from "../protocol.ts";
import type { Incoming, RelayCall } from "./call.ts";
import { routeOf } from "./governed-call.ts";
import type { Notifications } from "./notifications.ts";
import type { VisibleLists } from "./visible-lists.ts";

export interface RelayOptions {
  call: RelayCall;
  sessions: Sessions;
  notifications: Notifications;
  visibleLists: VisibleLists;
  log: Log;
}

/** A listener's clients and what they see. */
export interface Relay {
  /** Answers a request, now or later, by its reply. Never rejects. */
  request(incoming: Incoming, view: View): Promise<void>;
  /** Takes a notification or a response of a client. */
  accept(session: Session, message: Message): void;
}

type Local = (incoming: Incoming, view: View) => string | Promise<string>;

const kindOf = new Map<string, Kind>((Object.keys(KINDS) as Kind[]).map((kind) => [KINDS[kind].method, kind]));

/** What becomes of each message of a client: answered here, governed and forwarded, or refused. No front's business. */
export function createRelay({ call, sessions, notifications, visibleLists, log }: RelayOptions): Relay {
  const local: Readonly<Record<string, Local>> = {
    ping: () => "{}",
    "logging/setLevel": async ({ session, message }, view) => {
      const { level } = message.params;
      if (typeof level !== "string" || !LOG_LEVELS.includes(level)) {
        throw new GovernanceError("params.invalid", `Invalid params: level must be one of ${LOG_LEVELS.join(", ")}`);
      }
      session.state = { ...session.state, logLevel: level };
      await sessions.save(session);
      const wanted = [...sessions.all()].map(({ state }) => LOG_LEVELS.indexOf(state.logLevel ?? level));
      for (const upstream of view.upstreams) upstream.setLogLevel(LOG_LEVELS[Math.min(...wanted)] ?? level);
      return "{}";
    },
    "resources/unsubscribe": ({ session, message }, view) => {
      const { upstream, uri } = view.resource(String(message.params.uri));
      if (upstream.subscriptions.remove(uri, session.id)) upstream.unsubscribe(uri);
      return "{}";
    },
  };

  const answerLocally = async (incoming: Incoming, view: View): Promise<string> => {
    const { method, params } = incoming.message;
    const kind = kindOf.get(method);
    if (kind) {
      if (params.cursor !== undefined) throw new GovernanceError("params.invalid", "Invalid params: unknown cursor");
      return visibleLists.list(incoming.session, view, kind);
    }
    if (!Object.hasOwn(local, method)) throw new GovernanceError("method.unknown", `Method not found: ${method}`);
    return (await local[method]?.(incoming, view)) ?? "{}";
  };

  return {
    async request(incoming, view) {
      const { message, reply, session } = incoming;
      try {
        const route = routeOf(view, message);
        if (route === undefined) return reply.end(resultText(message.id, await answerLocally(incoming, view)));
        const granted = await call(incoming, route);
        if (granted && message.method === "resources/subscribe") {
          route.upstream.subscriptions.add(route.target, session.id);
        }
      } catch (error) {
        reply.end(errorText(message.id, faultOf(error, log)));
      }
    },

    accept(session, message) {
      if (message.kind === "response") session.take(message.id)?.answer(message);
      else notifications.fromClient(session, message);
    },
  };
}
