import { randomUUID } from "node:crypto";
import { GovernanceError, GovernedMethod, type Log } from "@mcp-governance-bridge/shared";
import type { Question, Session } from "../front/session.ts";
import type { Sessions } from "../front/sessions.ts";
import { errorText, resultText } from "../jsonrpc/compose.ts";
import { type Message, splice, textAt } from "../jsonrpc/message.ts";
import type { Caller } from "../upstream/link.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { denialText } from "./denial.ts";
import type { Enforce } from "./enforce.ts";
import type { GovernedCall } from "./governed-call.ts";
import type { Trail } from "./trail.ts";

export interface ServerRequestsOptions {
  enforce: Enforce;
  trail: Trail;
  sessions: Sessions;
  log: Log;
}

/** What a client must have declared to be asked this. */
const needs: Partial<Record<string, string>> = {
  "sampling/createMessage": "sampling",
  "elicitation/create": "elicitation",
  "roots/list": "roots",
};

/** People think before they answer. */
const ANSWER_MS = 10 * 60_000;
const MAX_ELICITATIONS = 1_000;

/**
 * Requests of upstreams to clients: each goes to the client whose call caused it and to no other,
 * is decided on and recorded like a call, and is refused when that client cannot be known.
 */
export class ServerRequests {
  readonly #options: ServerRequestsOptions;
  /** By upstream and its id for the request, for its cancellation. */
  readonly #open = new Map<string, { session: Session; id: number; caller: Caller }>();
  readonly #elicited = new Map<string, Session>();

  constructor(options: ServerRequestsOptions) {
    this.#options = options;
  }

  async handle(upstream: Upstream, message: Message & { id: string }, cause: Caller | undefined): Promise<void> {
    if (message.method === "ping") return upstream.send(resultText(message.id, "{}"));
    try {
      const { session, caller } = this.#recipient(upstream, message, cause);
      await this.#relay({ upstream, message, session, caller });
    } catch (cause) {
      const error = GovernanceError.from(cause);
      this.#options.log.info(
        { server: upstream.server.name, method: message.method, why: error.message },
        "request refused",
      );
      upstream.send(errorText(message.id, error));
    }
  }

  /** The upstream withdraws a request: so says the client's own id for it. */
  cancel(upstream: Upstream, message: Message): void {
    const open = this.#open.get(keyOf(upstream, textAt(message, "params.requestId")));
    if (open === undefined) return;
    open.session.take(open.id);
    open.caller.say(splice(message.text, [[message.span("params.requestId"), String(open.id)]]));
  }

  /** An elicitation by URL has ended: told to the client that was asked. */
  elicitationEnded(message: Message): void {
    const id = String(message.params.elicitationId);
    this.#elicited.get(id)?.tell(message.text);
    this.#elicited.delete(id);
  }

  #recipient(upstream: Upstream, { method }: Message, caller: Caller | undefined) {
    const capability = needs[method];
    if (capability === undefined) throw new GovernanceError("method.unknown", `Method not found: ${method}`);
    const session = caller && this.#options.sessions.byId(caller.sessionId);
    if (caller === undefined || session === undefined) {
      const message = `which client caused this ${method} of ${upstream.server.name} cannot be known`;
      throw new GovernanceError("client.unknown", message);
    }
    if (!session.can(capability)) {
      throw new GovernanceError("client.unsupported", `the client does not support ${capability}`);
    }
    return { session, caller };
  }

  async #relay(request: Relayed): Promise<void> {
    const { upstream, message } = request;
    const { enforce, trail } = this.#options;
    const call = governed(request);
    const decision = await enforce(call);
    if (decision.effect === "deny") return upstream.send(denialText(message.id, message.method, decision));
    const asked = performance.now();
    try {
      const answer = await this.#ask(request);
      upstream.send(splice(answer.text, [[answer.span("id"), message.id]]));
      trail.completed(call, decision.decisionId, { answer, upstreamMs: performance.now() - asked });
    } catch (error) {
      const failure = GovernanceError.from(error);
      trail.completed(call, decision.decisionId, { failure, upstreamMs: performance.now() - asked });
      throw failure;
    }
  }

  #ask({ upstream, message, session, caller }: Relayed): Promise<Message> {
    const key = keyOf(upstream, message.id);
    return new Promise<Message>((resolve, reject) => {
      const gone = () => reject(new GovernanceError("client.gone", "the client left before it answered"));
      const deadline = setTimeout(gone, ANSWER_MS);
      const settle = () => {
        clearTimeout(deadline);
        this.#open.delete(key);
      };
      const question: Question = {
        answer: (response) => {
          settle();
          resolve(response);
        },
        progress: (notification) =>
          upstream.send(
            splice(notification.text, [
              [notification.span("params.progressToken"), textAt(message, "params._meta.progressToken") ?? "null"],
            ]),
          ),
        fail: () => {
          settle();
          gone();
        },
      };
      const id = session.ask(question);
      this.#open.set(key, { session, id, caller });
      this.#remember(message, session);
      caller.say(
        splice(message.text, [
          [message.span("id"), String(id)],
          [message.span("params._meta.progressToken"), String(id)],
        ]),
      );
    });
  }

  #remember({ params }: Message, session: Session): void {
    if (typeof params.elicitationId !== "string") return;
    this.#elicited.set(params.elicitationId, session);
    const [oldest] = this.#elicited.keys();
    if (this.#elicited.size > MAX_ELICITATIONS && oldest !== undefined) this.#elicited.delete(oldest);
  }
}

interface Relayed {
  upstream: Upstream;
  message: Message & { id: string };
  session: Session;
  caller: Caller;
}

function governed({ upstream, message, session }: Relayed): GovernedCall {
  return {
    callId: randomUUID(),
    session,
    server: upstream.server,
    method: GovernedMethod.parse(message.method),
    target: message.method,
    arguments: message.params,
    argumentsText: JSON.stringify(message.params),
    annotations: undefined,
    startedAt: new Date(),
    startedMs: performance.now(),
  };
}

function keyOf({ server }: Upstream, id: string | undefined): string {
  return `${server.name} ${id}`;
}
