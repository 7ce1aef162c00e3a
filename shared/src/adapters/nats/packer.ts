import { digestOf } from "../../digest.ts";
import type { DeadLetter } from "../../event-bus.ts";
import type { Published } from "../../events.ts";
import { lineOf, parseEvent, parseLine } from "../parse-event.ts";
import type { Message } from "./publisher.ts";

/** Subject of a message that holds several events, one a line. */
export const PACK = "governance.pack";

const MAX_EVENTS = 64;
/** Characters of a pack; far below what any server takes, so that only an event too large by itself is. */
const MAX_CHARACTERS = 128 * 1024;

interface Waiting {
  message: Message;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Sends what comes within one turn of the event loop as one message: the server's work is by the message, hardly by the byte.
 * Each sender learns of the acknowledgement that its event shares.
 */
export function createPacker(send: (message: Message) => Promise<void>): (message: Message) => Promise<void> {
  let waiting: Waiting[] = [];

  function flush(): void {
    const all = waiting;
    waiting = [];
    for (const group of grouped(all, ({ message }) => message)) void sendGroup(group);
  }

  async function sendGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await send(packed(group.map(({ message }) => message)));
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  return (message) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ message, resolve, reject }) === 1) setImmediate(flush);
    });
}

/** The same messages in as few as may be, in order. */
export function packsOf(messages: readonly Message[]): Message[] {
  return grouped(messages, (message) => message).map(packed);
}

/** The events that a message of the stream holds. */
export function unpack(subject: string, payload: string): (Published | DeadLetter)[] {
  return subject === PACK ? payload.split("\n").map(parseLine) : [parseEvent(subject, payload)];
}

function grouped<T>(all: readonly T[], messageOf: (each: T) => Message): T[][] {
  const groups: T[][] = [];
  let room = 0;
  for (const each of all) {
    const size = messageOf(each).payload.length;
    const last = groups.at(-1);
    if (last === undefined || last.length === MAX_EVENTS || size > room) {
      groups.push([each]);
      room = MAX_CHARACTERS - size;
    } else {
      last.push(each);
      room -= size;
    }
  }
  return groups;
}

/** Equal events make an equal pack with an equal id, so that a pack sent again is recognised too, and no other taken for it. */
function packed(messages: readonly Message[]): Message {
  const [first] = messages;
  if (first !== undefined && messages.length === 1) return first;
  return {
    subject: PACK,
    id: digestOf(messages.map(({ id }) => id).join("\n")),
    payload: messages.map(({ subject, payload }) => lineOf(subject, payload)).join("\n"),
  };
}
