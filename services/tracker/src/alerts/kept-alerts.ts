import { laterThan } from "../later-than.ts";
import type { RecordStore } from "../record-store.ts";
import type { Alert } from "./alert.ts";

type Reader = Pick<RecordStore, "aggregate">;

/** More than that at a time is a fault of a rule; those that began last are gone on with. */
const MAX_OPEN = 2_000;
const UNDELIVERED_AT_ONCE = 200;

export async function findAlert(store: Reader, id: string): Promise<Alert | undefined> {
  const [alert] = await store.aggregate("alerts", [{ $match: { _id: id } }]);
  return alert as Alert | undefined;
}

/** Alerts that fire, by their key. */
export async function openAlerts(store: Reader): Promise<Map<string, Alert>> {
  const found = await store.aggregate("alerts", [
    { $match: { status: "firing" } },
    { $sort: { timestamp: -1, _id: -1 } },
    { $limit: MAX_OPEN },
  ]);
  return new Map((found as Alert[]).map((alert) => [alert.key, alert]));
}

/** The newest episode of a rule's key. */
export async function lastEpisode(store: Reader, rule: string, key: string): Promise<Alert | undefined> {
  const [alert] = await store.aggregate("alerts", [
    { $match: { rule, key } },
    { $sort: { timestamp: -1, _id: -1 } },
    { $limit: 1 },
  ]);
  return alert as Alert | undefined;
}

/** Alerts with something to tell at this moment or later, oldest first: all, since many may wait for one webhook. */
export async function* undelivered(store: Reader): AsyncGenerator<Alert, void, undefined> {
  let after: Alert | undefined;
  do {
    const found = (await store.aggregate("alerts", [
      { $match: { undelivered: true, ...(after && laterThan(after)) } },
      { $sort: { timestamp: 1, _id: 1 } },
      { $limit: UNDELIVERED_AT_ONCE },
    ])) as Alert[];
    yield* found;
    after = found.length === UNDELIVERED_AT_ONCE ? found.at(-1) : undefined;
  } while (after);
}

/** Alerts of a rule that began since then, or still go on. */
export async function alertsSince(store: Reader, rule: string, since: Date): Promise<Alert[]> {
  const found = await store.aggregate("alerts", [
    { $match: { rule, last_at: { $gte: since } } },
    { $project: { key: 1, anomaly: 1, subject: 1, timestamp: 1, last_at: 1, normal: 1 } },
  ]);
  return found as Alert[];
}
