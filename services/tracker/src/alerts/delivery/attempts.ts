import { type Alert, type Delivery, pendingDelivery } from "../alert.ts";
import type { Sent } from "./send.ts";

const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 15 * 60_000;
const GIVE_UP_MS = 24 * 3_600_000;

/** All that an alert has to tell so far: a resolved one tells so to whoever was to hear that it fired. */
export function deliveriesOf({ deliveries, status }: Pick<Alert, "deliveries" | "status">): Delivery[] {
  if (status === "firing") return deliveries;
  const told = new Set(deliveries.filter(({ state }) => state === "resolved").map(({ webhook }) => webhook));
  const untold = deliveries.filter(({ state, webhook }) => state === "firing" && !told.has(webhook));
  return [...deliveries, ...untold.map(({ webhook }) => pendingDelivery(webhook, "resolved"))];
}

/** Those to be tried at this moment: the end of an alert not before its beginning has been told or given up. */
export function dueOf(deliveries: readonly Delivery[], now: Date): Delivery[] {
  const isOpen = ({ webhook }: Delivery) =>
    deliveries.some((one) => one.webhook === webhook && one.state === "firing" && one.status === "pending");
  return deliveries.filter(
    (delivery) =>
      delivery.status === "pending" &&
      (delivery.next_at === null || delivery.next_at <= now) &&
      (delivery.state === "firing" || !isOpen(delivery)),
  );
}

/** The delivery after a try: tried again after 10 s, twice as long each time up to 15 minutes, for 24 hours. */
export function afterTry(delivery: Delivery, sent: Sent, now: Date): Delivery {
  const attempts = delivery.attempts + 1;
  const first_at = delivery.first_at ?? now;
  const tried = { ...delivery, attempts, first_at, next_at: null, last_error: sent.error };
  if (sent.error === null) return { ...tried, status: "delivered", delivered_at: now };

  const wait = Math.max(Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS), sent.retryAfterMs ?? 0);
  // Of numbers: a receiver may ask for more than a date can tell.
  const next = now.getTime() + wait;
  const isGivenUp = sent.isFinal === true || next - first_at.getTime() > GIVE_UP_MS;
  return isGivenUp ? { ...tried, status: "failed" } : { ...tried, next_at: new Date(next) };
}

/** What is tried of a delivery whose webhook the configuration has no more. */
export function withoutWebhook(delivery: Delivery): Delivery {
  return { ...delivery, status: "failed", next_at: null, last_error: "the webhook is not configured" };
}

/** What became of deliveries, in place of the same ones that are pending. */
export function merged(deliveries: readonly Delivery[], tried: readonly Delivery[]): Delivery[] {
  const isSame = (one: Delivery) => (other: Delivery) => one.webhook === other.webhook && one.state === other.state;
  return deliveries.map((delivery) =>
    delivery.status === "pending" ? (tried.find(isSame(delivery)) ?? delivery) : delivery,
  );
}

/** One id for each state of an alert, whatever the number of tries. */
export function messageOf(alert: Alert, state: Delivery["state"]): { id: string; body: string } {
  const { _id, key, episode, rule, kind, anomaly, severity, subject, sentence, evidence, timestamp, last_at } = alert;
  const data = {
    ...{ id: _id, key, episode, rule, kind, anomaly, severity, subject, status: state, sentence, evidence },
    ...{ timestamp, last_at, resolved_at: state === "resolved" ? alert.resolved_at : null },
  };
  const at = state === "resolved" ? alert.resolved_at : timestamp;
  return { id: `${_id}-${state}`, body: JSON.stringify({ type: `alert.${state}`, timestamp: at, data }) };
}
