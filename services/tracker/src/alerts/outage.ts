import type { Webhook } from "@mcp-governance-bridge/shared/configuration";
import type { RecordStore } from "../record-store.ts";
import { type Alert, newAlert } from "./alert.ts";
import { deliveriesOf, merged } from "./delivery/attempts.ts";
import type { Deliverer } from "./delivery/deliver.ts";
import { insertOf } from "./episodes.ts";
import { lastEpisode, openAlerts } from "./kept-alerts.ts";
import { keyOf, type Observation } from "./observation.ts";

interface OutageOptions {
  store: Pick<RecordStore, "apply" | "aggregate">;
  deliverer: Pick<Deliverer, "tryDue">;
  webhooks(): readonly Webhook[];
}

export interface Outage {
  /** Begins alerts in memory, and tells the webhooks from there. For a time in which the record cannot be reached. */
  hold(observations: readonly Observation[], now: Date, signal: AbortSignal): Promise<void>;
  /** Writes what was held. */
  writeHeld(): Promise<void>;
  /** Learns how many episodes there are of what may have to be held, so that all replicas give the next one the same id. */
  remember(observation: Pick<Observation, "rule" | "subject">): Promise<void>;
}

/** Alerts about a record that cannot be written to. */
export function createOutage({ store, deliverer, webhooks }: OutageOptions): Outage {
  const held = new Map<string, Alert>();
  const episodes = new Map<string, number>();

  const begin = (observation: Observation, now: Date): void => {
    const key = keyOf(observation);
    const present = held.get(key);
    const { sentence, evidence, at } = observation;
    const episode = (episodes.get(key) ?? 0) + 1;
    held.set(
      key,
      present
        ? { ...present, sentence, evidence, last_at: at, count: present.count + 1 }
        : newAlert(observation, { episode, webhooks: webhooks(), now }),
    );
  };

  return {
    async hold(observations, now, signal) {
      for (const observation of observations) begin(observation, now);
      for (const [key, alert] of held) {
        const deliveries = merged(deliveriesOf(alert), await deliverer.tryDue(alert, signal));
        const undelivered = deliveries.some(({ status }) => status === "pending");
        held.set(key, { ...alert, deliveries, undelivered });
      }
    },
    async writeHeld() {
      if (held.size === 0) return;
      const open = await openAlerts(store);
      // Another replica may have had one since before the record went away.
      const missing = [...held.values()].filter(({ key }) => !open.has(key));
      await store.apply(missing.map(insertOf));
      for (const { key, episode } of held.values()) episodes.set(key, episode);
      held.clear();
    },
    async remember(observation) {
      const key = keyOf(observation);
      const last = await lastEpisode(store, observation.rule.id, key);
      // An episode that still goes on is told of already.
      if (last) episodes.set(key, last.status === "firing" ? last.episode - 1 : last.episode);
    },
  };
}
