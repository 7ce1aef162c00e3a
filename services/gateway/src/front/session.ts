import type { ClientInfo } from "@mcp-governance-bridge/shared";
import type { IdText, Message } from "../jsonrpc/message.ts";
import type { SessionState } from "../ports.ts";
import { LOG_LEVELS } from "../protocol.ts";
import type { EventStream } from "./event-stream.ts";

/** A call on its way, as its client may cancel it. */
export interface InFlight {
  cancel(message: Message): void;
}

/** A request of an upstream that waits for this client's answer. */
export interface Question {
  /** Takes the client's response. */
  answer(response: Message): void;
  /** Takes what the client says about it meanwhile: progress. */
  progress(notification: Message): void;
  /** The client will not answer. */
  fail(): void;
}

/** One client's MCP session as this replica holds it. What other replicas must know is in `state`. */
export class Session {
  /** Calls by the client's id for them. */
  readonly calls = new Map<IdText, InFlight>();
  readonly key: string;
  lastUsed = Date.now();
  state: SessionState;
  readonly #questions = new Map<number, Question>();
  #nextQuestion = 1;
  #stream: EventStream | undefined;

  constructor(key: string, state: SessionState) {
    this.key = key;
    this.state = state;
  }

  get id(): string {
    return this.state.id;
  }

  get client(): ClientInfo | null {
    return this.state.client;
  }

  can(capability: string): boolean {
    return capability in this.state.capabilities;
  }

  /** True while the client keeps a stream open for what belongs to no call. */
  get isListening(): boolean {
    return this.#stream !== undefined;
  }

  /** True when the client asked for log messages of this level. */
  wants(level: unknown): boolean {
    const { logLevel } = this.state;
    return logLevel === null || LOG_LEVELS.indexOf(level as string) >= LOG_LEVELS.indexOf(logLevel);
  }

  /** Makes this the stream for what belongs to no call. The one before it ends: its client has lost it. */
  listen(stream: EventStream): void {
    this.#stream?.end();
    this.#stream = stream;
  }

  silence(stream: EventStream): void {
    if (this.#stream === stream) this.#stream = undefined;
  }

  /** Says what belongs to no call; unheard when the client does not listen. */
  tell(text: string): void {
    this.#stream?.send(text);
  }

  /** Remembers a question and returns the id under which the client shall answer it. */
  ask(question: Question): number {
    const id = this.#nextQuestion++;
    this.#questions.set(id, question);
    return id;
  }

  /** Takes a question back, answered or not. */
  take(id: IdText | number | undefined): Question | undefined {
    const question = this.#questions.get(Number(id));
    this.#questions.delete(Number(id));
    return question;
  }

  question(id: IdText | undefined): Question | undefined {
    return this.#questions.get(Number(id));
  }

  close(): void {
    this.#stream?.end();
    for (const question of this.#questions.values()) question.fail();
    this.#questions.clear();
  }
}
