import type { EventOf, Payload, Subject } from "../../events.ts";
import { unavailable } from "../unavailable.ts";
import type { Message } from "./publisher.ts";

// A character of text takes at most six bytes of JSON, and everything else in an event is small beside its payload.
const BYTES_PER_CHARACTER = 8;

/**
 * The event as it goes over the wire. One that is larger than the server takes loses the tail of its payload text,
 * and says so in `truncated`: NATS would never take it, and a retry cannot help.
 * Throws `audit.unavailable` where that is not enough.
 */
export function toWire<S extends Subject>(subject: S, event: EventOf<S>, maxBytes: number): Message {
  const payload = JSON.stringify(event);
  if (fits(payload, maxBytes)) return { subject, id: event.id, payload };
  const short = JSON.stringify(shorten(event, maxBytes));
  if (fits(short, maxBytes)) return { subject, id: event.id, payload: short };
  throw unavailable(`an event of ${short.length} characters exceeds NATS's max_payload`);
}

function fits(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

function shorten(event: object, maxBytes: number): object {
  const limit = Math.floor(maxBytes / BYTES_PER_CHARACTER);
  const short = (payload: Payload): Payload =>
    payload.text.length <= limit ? payload : { ...payload, text: payload.text.slice(0, limit), truncated: true };
  return {
    ...event,
    ...("inputs" in event && event.inputs ? { inputs: short(event.inputs as Payload) } : {}),
    ...("outputs" in event && event.outputs ? { outputs: short(event.outputs as Payload) } : {}),
  };
}
