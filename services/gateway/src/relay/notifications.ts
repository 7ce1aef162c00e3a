import type { Log } from "@mcp-governance-bridge/shared";
import type { Session } from "../front/session.ts";
import type { Sessions } from "../front/sessions.ts";
import { notificationText } from "../jsonrpc/compose.ts";
import { type Message, textAt } from "../jsonrpc/message.ts";
import type { Screen } from "../obligations/screen.ts";
import type { Caller } from "../upstream/caller.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { ServerRequests } from "./server-requests.ts";

export interface NotificationsOptions {
  sessions: Sessions;
  serverRequests: ServerRequests;
  log: Log;
}

/** Brings what upstreams say to those it concerns: what may be about one client's call reaches no other client. */
export class Notifications {
  readonly #options: NotificationsOptions;
  /** The sessions that have used each upstream, with what screened their last call. */
  readonly #users = new Map<Upstream, Map<string, Screen>>();

  constructor(options: NotificationsOptions) {
    this.#options = options;
    options.sessions.onEnd((session) => this.#forget(session));
  }

  /** The session has had something of this upstream, which may have something to say about it later. */
  uses(session: Session, upstream: Upstream, screen: Screen): void {
    const users = this.#users.get(upstream);
    if (users) users.set(session.id, screen);
    else this.#users.set(upstream, new Map([[session.id, screen]]));
  }

  /** An upstream has gone; its successor, if it has one, is what its users have used. */
  replaced(upstream: Upstream, successor: Upstream | undefined): void {
    const users = this.#users.get(upstream);
    this.#users.delete(upstream);
    if (users && successor) this.#users.set(successor, new Map([...users, ...(this.#users.get(successor) ?? [])]));
  }

  fromUpstream(upstream: Upstream, message: Message, cause: Caller | undefined): void {
    const { serverRequests, log } = this.#options;
    if (message.method === "notifications/cancelled") return serverRequests.cancel(upstream, message);
    if (message.method === "notifications/elicitation/complete")
      return serverRequests.elicitationEnded(upstream, message);
    if (message.method === "notifications/resources/updated") return this.#updated(upstream, message);
    if (cause) return cause.onNotification(message);
    if (message.method === "notifications/message") return this.#toSoleUser(upstream, message);
    log.debug({ method: message.method, server: upstream.server.name }, "notification of no known call");
  }

  fromClient(session: Session, message: Message): void {
    if (message.method === "notifications/cancelled") {
      session.calls.get(textAt(message, "params.requestId") ?? "")?.cancel(message);
    } else if (message.method === "notifications/progress") {
      session.question(textAt(message, "params.progressToken"))?.progress(message);
    }
    // Others, such as changed roots, concern nobody: an upstream that many share must not follow one client's.
  }

  /** Tells the clients of these listeners that lists are not what they were. */
  listsChanged(listeners: ReadonlySet<string> | "all", methods: readonly string[]): void {
    for (const session of this.#options.sessions.all()) {
      if (listeners !== "all" && !listeners.has(session.state.listener)) continue;
      for (const method of methods) session.tell(notificationText(method));
    }
  }

  #updated(upstream: Upstream, message: Message): void {
    const { uri } = message.params;
    if (typeof uri !== "string") return;
    // Of nobody's call, so that no rule is asked about it: it says what its watchers know, and no more.
    const text = notificationText(message.method, { uri });
    for (const id of upstream.subscriptions.watching(uri)) this.#options.sessions.byId(id)?.tell(text);
  }

  #toSoleUser(upstream: Upstream, message: Message): void {
    const [user, ...others] = this.#users.get(upstream) ?? [];
    if (user === undefined || others.length > 0) return;
    const [id, screen] = user;
    const session = this.#options.sessions.byId(id);
    if (!session?.wants(message.params.level)) return;
    // What is said after a call may still be about it.
    const shown = screen.shown(message);
    if (shown) session.tell(shown.text);
  }

  #forget(session: Session): void {
    for (const [upstream, users] of this.#users) {
      users.delete(session.id);
      for (const uri of upstream.subscriptions.removeSession(session.id)) upstream.unsubscribe(uri);
    }
  }
}
