import { randomUUID } from "node:crypto";
import { GovernanceError, GovernedMethod, type Log } from "@mcp-governance-bridge/shared";
import { faultOf } from "../fault.ts";
import type { Question, Session } from "../front/session.ts";
import type { Sessions } from "../front/sessions.ts";
import { errorText, resultText } from "../jsonrpc/compose.ts";
import { type IdText, type Message, splice, textAt } from "../jsonrpc/message.ts";
import type { Caller } from "../upstream/link.ts";
import type { Upstream, UpstreamRequest } from "../upstream/upstream.ts";
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
const needs = new Map([
  ["sampling/createMessage", "sampling"],
  ["elicitation/create", "elicitation"],
  ["roots/list", "roots"],
]);

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
  readonly #open = new Map<string, Open>();
  /** By upstream and its id for the elicitation. */
  readonly #elicited = new Map<string, Session>();

  constructor(options: ServerRequestsOptions) {
    this.#options = options;
  }

  /** Answers the request, now or later. Never rejects. */
  async handle({ cause, ...request }: UpstreamRequest): Promise<void> {
    const { upstream, message, respond } = request;
    const id = message.id ?? "null";
    if (message.method === "ping") return respond(resultText(id, "{}"));
    try {
      await this.#relay({ ...request, id, ...this.#recipient(upstream, message, cause) });
    } catch (cause) {
      const error = faultOf(cause, this.#options.log);
      // Who withdrew it waits for no answer.
      if (error.code !== "client.cancelled") respond(errorText(id, error));
      this.#options.log.info(
        { server: upstream.server.name, method: message.method, why: error.message },
        "request refused",
      );
    }
  }

  /** The upstream withdraws a request: so says the client's own id for it. */
  cancel(upstream: Upstream, message: Message): void {
    const open = this.#open.get(keyOf(upstream, textAt(message, "params.requestId")));
    if (open === undefined) return;
    open.say(splice(message.text, [[message.span("params.requestId"), String(open.id)]]));
    open.withdraw();
  }

  /** An elicitation by URL has ended: told to the client that was asked. */
  elicitationEnded(upstream: Upstream, message: Message): void {
    const key = keyOf(upstream, JSON.stringify(message.params.elicitationId));
    this.#elicited.get(key)?.tell(message.text);
    this.#elicited.delete(key);
  }

  #recipient(upstream: Upstream, { method }: Message, caller: Caller | undefined) {
    const capability = needs.get(method);
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
    const { id, message, respond } = request;
    const { enforce, trail } = this.#options;
    const call = governed(request);
    const decision = await enforce(call);
    if (decision.effect === "deny") return respond(denialText(id, message.method, decision));
    const asked = performance.now();
    try {
      const answer = await this.#ask(request);
      respond(splice(answer.text, [[answer.span("id"), id]]));
      trail.completed(call, decision.decisionId, { answer, upstreamMs: performance.now() - asked });
    } catch (error) {
      const failure = GovernanceError.from(error);
      trail.completed(call, decision.decisionId, { failure, upstreamMs: performance.now() - asked });
      throw failure;
    }
  }

  #ask({ upstream, message, session, caller, respond, ...request }: Relayed): Promise<Message> {
    const key = keyOf(upstream, request.id);
    return new Promise<Message>((resolve, reject) => {
      const settle = () => {
        clearTimeout(deadline);
        session.take(id);
        if (this.#open.get(key) === open) this.#open.delete(key);
      };
      const fail = (code: "client.gone" | "client.cancelled", why: string) => {
        settle();
        reject(new GovernanceError(code, why));
      };
      const gone = () => fail("client.gone", "the client left before it answered");
      const deadline = setTimeout(gone, ANSWER_MS);
      const question: Question = {
        answer: (response) => {
          settle();
          resolve(response);
        },
        progress: (notification) => respond(underTokenOf(message, notification)),
        fail: gone,
      };
      const id = session.ask(question);
      const open: Open = { id, say: caller.say, withdraw: () => fail("client.cancelled", "the upstream withdrew it") };
      this.#open.set(key, open);
      this.#remember(upstream, message, session);
      if (!caller.say(under(id, message))) gone();
    });
  }

  #remember(upstream: Upstream, { params }: Message, session: Session): void {
    if (typeof params.elicitationId !== "string") return;
    this.#elicited.set(keyOf(upstream, JSON.stringify(params.elicitationId)), session);
    const [oldest] = this.#elicited.keys();
    if (this.#elicited.size > MAX_ELICITATIONS && oldest !== undefined) this.#elicited.delete(oldest);
  }
}

/** A request that a client has not answered yet. */
interface Open {
  /** The id under which the client was asked. */
  id: number;
  say: Caller["say"];
  withdraw(): void;
}

interface Relayed extends Omit<UpstreamRequest, "cause"> {
  id: IdText;
  session: Session;
  caller: Caller;
}

/** The request as the client gets it: under an id of its session. */
function under(id: number, message: Message): string {
  return splice(message.text, [
    [message.span("id"), String(id)],
    [message.span("params._meta.progressToken"), String(id)],
  ]);
}

/** The client's progress on a request, under the token that the upstream gave for it. */
function underTokenOf(message: Message, progress: Message): string {
  const token = textAt(message, "params._meta.progressToken") ?? "null";
  return splice(progress.text, [[progress.span("params.progressToken"), token]]);
}

function governed({ upstream, message, session }: Relayed): GovernedCall {
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
  };
}

function keyOf({ server }: Upstream, id: string | undefined): string {
  return `${server.name} ${id}`;
}
