import { type Msg, type NatsConnection, nanos } from "@nats-io/transport-node";
import type { Batch } from "../../event-bus.ts";
import type { Log } from "../../log.ts";
import { toBatch } from "../parse-event.ts";
import { unpack } from "./packer.ts";

export interface DeliveryOptions {
  connection: NatsConnection;
  handle: (batch: Batch) => Promise<void>;
  log: Log;
}

const RETRY_MS = 1_000;

const encoder = new TextEncoder();
const ACK = encoder.encode("+ACK");
const WORKING = encoder.encode("+WPI");
const NAK = encoder.encode("-NAK");
const NAK_LATER = encoder.encode(`-NAK ${JSON.stringify({ delay: nanos(RETRY_MS) })}`);

/** Hands facts to the handler and tells the server what became of them. */
export function createDelivery({ connection, handle, log }: DeliveryOptions) {
  let inHand: readonly Msg[] = [];

  function answer(messages: readonly Msg[], reply: Uint8Array): void {
    if (connection.isClosed()) return;
    for (const message of messages) message.respond(reply);
  }

  return {
    /** Resolves with whether the handler took them; the server sends them again when it did not. */
    async deliver(messages: readonly Msg[]): Promise<boolean> {
      inHand = messages;
      try {
        await handle(batchOf(messages));
        answer(messages, ACK);
        return true;
      } catch (error) {
        log.warn({ err: error, count: messages.length }, "facts could not be handled, trying again");
        answer(messages, NAK_LATER);
        return false;
      } finally {
        inHand = [];
      }
    },

    /** Asks the server for more time, for the batch in hand and for what waits. */
    keep: (waiting: readonly Msg[]) => answer([...inHand, ...waiting], WORKING),

    /** Gives back what will not be handled, for another consumer to have at once. */
    giveBack: (messages: readonly Msg[]) => answer(messages, NAK),
  };
}

function batchOf(messages: readonly Msg[]): Batch {
  let redelivered = 0;
  const facts = messages.flatMap((message) => {
    const held = unpack(message.subject, message.string());
    if (deliveriesOf(message) > 1) redelivered += held.length;
    return held;
  });
  return toBatch(facts, redelivered);
}

/** How often the server has sent the message; it says so in the reply subject. */
export function deliveriesOf({ reply = "" }: Pick<Msg, "reply">): number {
  const tokens = reply.split(".");
  // $JS.ACK.<stream>.<consumer>.<deliveries>.…; a server with a domain puts that and the account before the stream.
  return Number(tokens[tokens.length >= TOKENS_WITH_DOMAIN ? 6 : 4] ?? 1);
}

const TOKENS_WITH_DOMAIN = 11;
