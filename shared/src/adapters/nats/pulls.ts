import { type Msg, type NatsConnection, nanos } from "@nats-io/transport-node";
import { STREAM } from "./stream.ts";

export interface Pulls {
  /** Asks the server for as many facts as there is room for, counting what was asked for and has not come yet. */
  request(room: number): void;
  /** Takes note of a message on the inbox and tells what it is. */
  hear(message: Msg): "fact" | "status" | "trouble";
  /** Milliseconds since the server said anything; it says something every second. */
  silentMs(): number;
  /** The server has forgotten what was asked of it. */
  forget(): void;
  stop(): void;
}

const EXPIRES_MS = 5_000;
const HEARTBEAT_MS = 1_000;
const LEAST = 100;

const HEARTBEAT = 100;
const CONFLICT = 409;
const NO_RESPONDERS = 503;

/** The pull requests of one consumer and what is still to come on them. */
export function createPulls(options: { connection: NatsConnection; inbox: string; durable: string }): Pulls {
  const { connection, inbox, durable } = options;
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${STREAM}.${durable}`;
  let outstanding = 0;
  let heardAt = performance.now();
  let stopped = false;

  return {
    request(room) {
      const batch = room - outstanding;
      if (stopped || batch < LEAST || connection.isClosed() || connection.isDraining()) return;
      outstanding += batch;
      const request = { batch, expires: nanos(EXPIRES_MS), idle_heartbeat: nanos(HEARTBEAT_MS) };
      connection.publish(subject, JSON.stringify(request), { reply: inbox });
    },
    hear(message) {
      heardAt = performance.now();
      if (message.subject !== inbox) {
        outstanding = Math.max(0, outstanding - 1);
        return "fact";
      }
      const status = message.headers?.code;
      if (status !== HEARTBEAT) outstanding = Math.max(0, outstanding - unusedOf(message, outstanding));
      return status === CONFLICT || status === NO_RESPONDERS ? "trouble" : "status";
    },
    silentMs: () => performance.now() - heardAt,
    forget() {
      outstanding = 0;
      heardAt = performance.now();
    },
    stop() {
      stopped = true;
    },
  };
}

/** What the server says a pull that ended leaves over; all there is where it does not say. */
function unusedOf(message: Msg, outstanding: number): number {
  return Number(message.headers?.get("Nats-Pending-Messages") || outstanding);
}
