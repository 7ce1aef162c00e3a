import type { Message } from "../jsonrpc/message.ts";

/** Who waits for an upstream's answer. */
export interface Caller {
  readonly sessionId: string;
  /** Takes a notification of the upstream about the call, before its answer. */
  onNotification(message: Message): void;
  /** A message of the upstream as the client may have it; undefined where it may not. */
  shown(message: Message): Message | undefined;
  /** Resolves with whether the labels that the session has from this call are kept, so that something may be said. */
  labelled(): Promise<boolean>;
  /** Says something to the client on the stream of this call. Resolves with whether that could be. */
  say(text: string): Promise<boolean>;
}

/**
 * Calls of one session, of which nobody knows which one an upstream speaks of: the client has only what it may have in all of
 * them, on the stream of the last. Undefined for none.
 */
export function together(callers: readonly Caller[]): Caller | undefined {
  const others = callers.slice(0, -1);
  const last = callers.at(-1);
  if (last === undefined || others.length === 0) return last;

  const shownInOthers = (message: Message): Message | undefined =>
    others.reduce<Message | undefined>((shown, caller) => shown && caller.shown(shown), message);
  const labelled = async (): Promise<boolean> =>
    (await Promise.all(callers.map((each) => each.labelled()))).every(Boolean);

  return {
    sessionId: last.sessionId,
    labelled,
    say: async (text) => (await labelled()) && last.say(text),
    shown(message) {
      const shown = shownInOthers(message);
      return shown && last.shown(shown);
    },
    onNotification(message) {
      const shown = shownInOthers(message);
      if (shown) void labelled().then((isKept) => isKept && last.onNotification(shown));
    },
  };
}
