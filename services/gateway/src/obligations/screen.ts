import { setImmediate as nextTurn } from "node:timers/promises";
import type { Denial, Log, Masking, Permit } from "@mcp-governance-bridge/shared";
import { type Message, readUpstreamMessage } from "../jsonrpc/message.ts";
import { denialText } from "../relay/denial.ts";
import type { GovernedCall } from "../relay/governed-call.ts";
import { type Applied, applying } from "./apply.ts";
import { bare } from "./bare.ts";
import type { Target } from "./place.ts";
import type { ResultRule } from "./rule.ts";
import type { RulesOf } from "./rules-of.ts";
import { withheldText } from "./withheld.ts";

/** An answer as its asker gets it. */
export interface Screened {
  answer: Message;
  /** The answer as it came, where it is another. */
  original?: Message;
  /** What rules on results found in the answer and in what was said before it. */
  masked: readonly Masking[];
  isDenied: boolean;
}

/** What stands between an upstream and its asker for the time of one call. */
export interface Screen {
  /** What else the upstream says or asks during the call, as the asker may have it; undefined where that is nothing. */
  shown(message: Message): Message | undefined;
  /** What rules found so far in what the upstream said besides its answer. */
  readonly said: readonly Masking[];
  /** Never rejects: an answer that a rule cannot be applied to is withheld. */
  answer(answer: Message): Promise<Screened>;
}

export type ScreenFor = (call: GovernedCall, permit: Permit) => Screen;

const CLEAR: Screen = {
  said: [],
  shown: (message) => message,
  answer: async (answer) => ({ answer, masked: [], isDenied: false }),
};

/** Screens calls by what their permits ask for. A permit that asks for nothing costs nothing. */
export function createScreens(rulesOf: RulesOf, log: Log): ScreenFor {
  return (call, permit) => {
    try {
      const rules = rulesOf(permit);
      return rules ? new RuledScreen({ subject: subjectOf(call), permit, rules, log }) : CLEAR;
    } catch (error) {
      log.error(
        { err: error, callId: call.callId },
        "a rule on results cannot be applied, the result will be withheld",
      );
      return closed(subjectOf(call));
    }
  };
}

/** As much of a call as a screen needs, which may outlive it: never its arguments. */
type Subject = Pick<GovernedCall, "callId" | "method" | "target">;

function subjectOf({ callId, method, target }: GovernedCall): Subject {
  return { callId, method, target };
}

interface RuledOptions {
  subject: Subject;
  permit: Permit;
  rules: readonly ResultRule[];
  log: Log;
}

class RuledScreen implements Screen {
  readonly said: Masking[] = [];
  readonly #options: RuledOptions;

  constructor(options: RuledOptions) {
    this.#options = options;
  }

  shown(heard: Message): Message | undefined {
    const { rules, subject, log } = this.#options;
    try {
      const message = bare(heard, "params");
      const span = message.span("params");
      if (span === undefined) return message;
      const { text, masked, objection } = atOnce({ text: message.text, part: "params", span }, rules);
      // Pointers lead into the answer, which this is not.
      for (const each of masked) if (this.said.length < MAX_SAID) this.said.push({ ...each, pointer: "" });
      if (objection) return undefined;
      return text === message.text ? message : readUpstreamMessage(text);
    } catch (error) {
      log.error({ err: error, callId: subject.callId }, "a rule could not be applied, a message is withheld");
      return undefined;
    }
  }

  async answer(given: Message): Promise<Screened> {
    const { rules, subject, log } = this.#options;
    try {
      const answer = bare(given, partOf(given));
      const target = targetIn(answer);
      const applied = target && (await inTurns(target, rules));
      return applied ? this.#screened(answer, applied) : { answer, masked: this.said, isDenied: false };
    } catch (error) {
      log.error({ err: error, callId: subject.callId }, "a rule could not be applied, the result is withheld");
      return closed(subject).answer(given);
    }
  }

  #screened(answer: Message, { text, masked, objection }: Applied): Screened {
    if (objection === undefined) {
      const found = [...this.said, ...masked];
      if (text === answer.text) return { answer, masked: found, isDenied: false };
      return { answer: readUpstreamMessage(text), original: answer, masked: found, isDenied: false };
    }
    const { subject, permit } = this.#options;
    const isDenied = objection.action === "deny";
    const instead = isDenied
      ? denialText(answer.id ?? "null", subject.method, denialBy(objection, permit))
      : withheldText(answer, { ...subject, reason: objection.reason });
    // What others would have masked went out in no form at all.
    const found = [...this.said, ...masked.filter(({ action, shadow }) => shadow || !MASKS.has(action))];
    return { answer: readUpstreamMessage(instead), original: answer, masked: found, isDenied };
  }
}

const MASKS: ReadonlySet<string> = new Set(["redact", "truncate"]);
const MAX_SAID = 100;

/** Lets nothing through. */
function closed({ method, target }: Subject): Screen {
  const withheld: Masking = { rule: "gateway.fail_closed", action: "withhold", pattern: null, pointer: "", count: 1 };
  return {
    said: [],
    shown: () => undefined,
    async answer(original) {
      const text = withheldText(original, { method, target, reason: "a rule on results could not be applied" });
      return { answer: readUpstreamMessage(text), original, masked: [withheld], isDenied: false };
    },
  };
}

function targetIn(message: Message): Target | undefined {
  const part = partOf(message);
  const at = message.span(part);
  return at && { text: message.text, part, span: at };
}

function partOf({ error }: Message): "error" | "result" {
  return error ? "error" : "result";
}

function atOnce(target: Target, rules: readonly ResultRule[]): Applied {
  const work = applying(target, rules);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Others have their turn while a large result is looked at. */
async function inTurns(target: Target, rules: readonly ResultRule[]): Promise<Applied> {
  const work = applying(target, rules);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await nextTurn();
  }
}

function denialBy({ rule, reason }: ResultRule, permit: Permit): Denial {
  const { decisionId, revision, facts, shadows, degraded } = permit;
  return { effect: "deny", decisionId, revision, facts, shadows, degraded, code: "result_denied", rule, reason };
}
