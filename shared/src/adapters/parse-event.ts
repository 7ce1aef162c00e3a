import type { Batch, DeadLetter } from "../event-bus.ts";
import { events, type Published, type Subject } from "../events.ts";

/** Reads a stored event back; what is not JSON, or breaks the subject's schema, comes back as a dead letter. */
export function parseEvent(subject: string, payload: string): Published | DeadLetter {
  const value = parseJson(payload);
  if (value === undefined) return { subject, payload, reason: "not JSON" };
  return checkEvent(subject, value, () => payload);
}

/** The same for a value that is parsed already; `payload` is asked for only when it is a dead letter. */
export function checkEvent(subject: string, value: unknown, payload: () => string): Published | DeadLetter {
  if (!isSubject(subject)) return { subject, payload: payload(), reason: "unknown subject" };
  const result = events[subject].safeParse(value);
  if (result.success) return { subject, event: result.data } as Published;
  const [issue] = result.error.issues;
  return { subject, payload: payload(), reason: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}` };
}

/** One event as a line of the journal, or of a message that holds several: its subject and itself, `event` being JSON text. */
export function lineOf(subject: string, event: string): string {
  return `{"s":"${subject}","e":${event}}`;
}

/** Reads such a line back, checked as anything that comes from outside. */
export function parseLine(line: string): Published | DeadLetter {
  const value = parseJson(line);
  if (!isRecord(value) || typeof value.s !== "string")
    return { subject: "", payload: line, reason: "not an event's line" };
  return checkEvent(value.s, value.e, () => JSON.stringify(value.e) ?? line);
}

/** Parts the good from the dead, of which so many were delivered before. */
export function toBatch(messages: readonly (Published | DeadLetter)[], redelivered = 0): Batch {
  return { events: messages.filter(isAlive), dead: messages.filter(isDead), redelivered };
}

export function isAlive(message: Published | DeadLetter): message is Published {
  return !isDead(message);
}

function isDead(message: Published | DeadLetter): message is DeadLetter {
  return "reason" in message;
}

/** `undefined` for what is not JSON; JSON text never means `undefined`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isSubject(subject: string): subject is Subject {
  return Object.hasOwn(events, subject);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
