import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { faultOf } from "../fault.ts";
import type { Question, Session } from "../front/session.ts";
import type { Sessions } from "../front/sessions.ts";
import { errorText, notificationText, resultText } from "../jsonrpc/compose.ts";
import { type IdText, type Message, splice, textAt } from "../jsonrpc/message.ts";
import type { Screen, ScreenFor } from "../obligations/screen.ts";
import type { Caller } from "../upstream/caller.ts";
import type { Upstream, UpstreamRequest } from "../upstream/upstream.ts";
import { denialText } from "./denial.ts";
import type { Enforce } from "./enforce.ts";
import type { HandBack } from "./hand-back.ts";
import { governedQuestion, under, underTokenOf } from "./question.ts";
import type { Trail } from "./trail.ts";

export interface ServerRequestsOptions {
  enforce: Enforce;
  screenFor: ScreenFor;
  handBack: HandBack;
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

const DOUBLES = "Invalid Request: an object names a member twice";
const WITHHELD = "withheld by policy: it has what the call that caused it may not hand back";

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
      // It could be decided on as one thing and read by the client as another.
      if (message.hasDoubles()) throw new GovernanceError("message.duplicate_key", DOUBLES);
      const recipient = this.#recipient(upstream, message, cause);
      const shown = recipient.caller.shown(message);
      if (shown === undefined) throw new GovernanceError("policy.denied", WITHHELD);
      await this.#relay({ ...request, id, ...recipient, message: shown });
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
    open.say(message);
    open.withdraw();
  }

  /** An elicitation by URL has ended: told to the client that was asked. */
  elicitationEnded(upstream: Upstream, message: Message): void {
    const { elicitationId } = message.params;
    const key = keyOf(upstream, JSON.stringify(elicitationId));
    // No more than the id: of what else it says no rule is asked.
    this.#elicited.get(key)?.tell(notificationText(message.method, { elicitationId }));
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
    const { enforce, screenFor, handBack, trail } = this.#options;
    const call = governedQuestion(request);
    const decision = await enforce(call);
    if (decision.effect === "deny") return respond(denialText(id, message.method, decision));
    const screen = screenFor(call, decision);
    const asked = performance.now();
    const outcome = await this.#ask(request, screen).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ failure: GovernanceError.from(error) }),
    );
    const upstreamMs = performance.now() - asked;
    const ending = await handBack({ call, permit: decision, screen, hasSaid: () => false }, outcome);
    trail.completed(call, decision.decisionId, { ...ending, upstreamMs });
    if ("failure" in ending) throw ending.failure;
    respond(splice(ending.answer.text, [[ending.answer.span("id"), id]]));
  }

  #ask({ upstream, message, session, caller, respond, ...request }: Relayed, screen: Screen): Promise<Message> {
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
        progress: (notification) => {
          const shown = screen.shown(notification);
          if (shown) respond(underTokenOf(message, shown));
        },
        fail: gone,
      };
      const id = session.ask(question);
      const say = (cancellation: Message) => {
        const shown = caller.shown(cancellation);
        if (shown) void caller.say(splice(shown.text, [[shown.span("params.requestId"), String(id)]]));
      };
      const open: Open = { say, withdraw: () => fail("client.cancelled", "the upstream withdrew it") };
      this.#open.set(key, open);
      this.#remember(upstream, message, session);
      void caller.say(under(id, message)).then((isSaid) => isSaid || gone());
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
  /** Passes the upstream's cancellation on, under the id that the client knows. */
  say(cancellation: Message): void;
  withdraw(): void;
}

interface Relayed extends Omit<UpstreamRequest, "cause"> {
  id: IdText;
  session: Session;
  caller: Caller;
}

function keyOf({ server }: Upstream, id: string | undefined): string {
  return `${server.name} ${id}`;
}
