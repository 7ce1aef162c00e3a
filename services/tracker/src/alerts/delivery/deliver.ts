import { randomUUID } from "node:crypto";
import type { Log } from "@mcp-governance-bridge/shared";
import type { Webhook } from "@mcp-governance-bridge/shared/configuration";
import type { RecordStore } from "../../record-store.ts";
import type { Alert, Delivery } from "../alert.ts";
import { findAlert } from "../kept-alerts.ts";
import { afterTry, deliveriesOf, dueOf, merged, messageOf, withoutWebhook } from "./attempts.ts";
import type { Send } from "./send.ts";

interface DelivererOptions {
  store: Pick<RecordStore, "apply" | "aggregate">;
  webhooks(): readonly Webhook[];
  send: Send;
  log: Log;
  now(): Date;
}

export interface Deliverer {
  /** Tells whoever is to be told of an alert at this moment, and keeps what became of it in its document. */
  deliver(id: string, signal: AbortSignal): Promise<void>;
  /** Tries what is due of an alert; answers what became of it, and nothing where nothing is due. */
  tryDue(alert: Alert, signal: AbortSignal): Promise<Delivery[]>;
}

const MAX_ROUNDS = 20;

/** At least once: what was sent but not kept is sent again, under the same id. */
export function createDeliverer({ store, webhooks, send, log, now }: DelivererOptions): Deliverer {
  const attempt = async (alert: Alert, delivery: Delivery, signal: AbortSignal): Promise<Delivery> => {
    const webhook = webhooks().find(({ id }) => id === delivery.webhook);
    if (!webhook) return withoutWebhook(delivery);
    const at = now();
    const sent = await send(webhook, { ...messageOf(alert, delivery.state), at }, signal);
    const after = afterTry(delivery, sent, now());
    const told = { alert: alert._id, webhook: webhook.id, state: delivery.state, attempts: after.attempts };
    if (after.status === "delivered") log.info(told, "webhook told of an alert");
    else log.warn({ ...told, reason: after.last_error, next_at: after.next_at }, "webhook could not be told");
    return after;
  };
  const tryDue = (alert: Alert, signal: AbortSignal): Promise<Delivery[]> =>
    Promise.all(dueOf(deliveriesOf(alert), now()).map((delivery) => attempt(alert, delivery, signal)));

  /** One round over an alert; `untold` is what became of tries that could not be kept. Answers the same, and whether all is done. */
  const round = async (id: string, untold: Delivery[], signal: AbortSignal) => {
    const alert = await findAlert(store, id);
    if (!alert) return { isDone: true, untold: [] };
    const known = { ...alert, deliveries: merged(deliveriesOf(alert), untold) };
    const tried = await tryDue(known, signal);
    const deliveries = merged(known.deliveries, tried);
    const isKept = await keep(alert, deliveries);
    return { isDone: isKept && tried.length === 0, untold: isKept ? [] : deliveries };
  };

  return {
    tryDue,
    async deliver(id, signal) {
      let state: Awaited<ReturnType<typeof round>> = { isDone: false, untold: [] };
      for (let n = 0; n < MAX_ROUNDS && !state.isDone; n += 1) state = await round(id, state.untold, signal);
    },
  };

  /** False where the alert was changed meanwhile. */
  async function keep(alert: Alert, deliveries: Delivery[]): Promise<boolean> {
    const isPending = deliveries.some(({ status }) => status === "pending");
    const isSame = JSON.stringify(deliveries) === JSON.stringify(alert.deliveries);
    if (isSame && isPending === alert.undelivered) return true;
    const version = randomUUID();
    const set = { deliveries, undelivered: isPending, version };
    await store.apply([{ collection: "alerts", id: alert._id, set, onlyIf: { version: alert.version } }]);
    return (await findAlert(store, alert._id))?.version === version;
  }
}
