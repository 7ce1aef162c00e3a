import type { Collection, Document } from "../record-store.ts";
import { pagesOf } from "../usage/pages.ts";
import { Counts, type Top } from "./counts.ts";
import { periodOf, type Scan } from "./scan.ts";

const SHOWN = 200;
const SHOWN_CHANGES = 50;
const MAX_TEXT_CHARS = 500;

/** The newest ones, and how many there are. */
export interface Listed<Item> {
  items: Item[];
  of: number;
}

export interface Deployment {
  deployment_mode: string;
  revision: string;
  total_servers: number;
  setup_time: Date | null;
}

export interface Revision {
  revision: string;
  timestamp: Date;
  origin: string;
  who: string;
  why: string;
}

export interface PolicyChange extends Revision {
  changes: { path: string; before: string | null; after: string | null }[];
  /** Beyond those that are listed. */
  more: number;
}

export interface Policy {
  in_force_before: Revision | null;
  changes: Listed<PolicyChange>;
}

export interface Access {
  total: number;
  routes: Top;
  readers: Top;
  artifacts: Listed<{ kind: string; format: string; status: string; requested_by: string; timestamp: Date }>;
}

export interface Alerts {
  /** Critical ones that fire when the report is made, also from before the period. */
  critical_firing: number;
  rules: Top;
  alerts: Listed<{
    timestamp: Date;
    rule: string;
    severity: string;
    status: string;
    resolved_at: Date | null;
    acknowledged_by: string | null;
    sentence: string;
  }>;
}

export async function readDeployments({ store }: Scan): Promise<Deployment[]> {
  const found = await store.aggregate("deployments", [{ $sort: { _id: 1 } }, { $limit: SHOWN }]);
  return found.map(({ deployment_mode, revision, total_servers, setup_time }) => ({
    deployment_mode: String(deployment_mode),
    revision: String(revision),
    total_servers: Number(total_servers ?? 0),
    setup_time: dateOf(setup_time),
  }));
}

export async function readPolicy(scan: Scan): Promise<Policy> {
  const [before] = await scan.store.aggregate("policy_revisions", [
    { $match: { timestamp: { $lt: scan.from } } },
    { $sort: { timestamp: -1, _id: -1 } },
    { $limit: 1 },
    { $project: { revision: 1, timestamp: 1, origin: 1, who: 1, why: 1 } },
  ]);
  const members = ["revision", "origin", "who", "why", "changes"];
  const changes = await newest(scan, { collection: "policy_revisions", members, item: changeOf });
  return { in_force_before: before ? revisionOf(before) : null, changes };
}

export async function readAccess(scan: Scan): Promise<Access> {
  const routes = new Counts();
  const readers = new Counts();
  let total = 0;
  const { store, from, to, signal } = scan;
  const members = ["reader", "route"];
  for await (const page of pagesOf(store, { collection: "record_reads", from, to, size: 1_000, members })) {
    signal.throwIfAborted();
    total += page.length;
    for (const { reader, route } of page) {
      routes.add([String(route)]);
      readers.add([String(reader)]);
    }
  }
  const artifacts = await newest(scan, {
    collection: "artifacts",
    members: ["kind", "format", "status", "requested_by"],
    item: ({ kind, format, status, requested_by, timestamp }) => ({
      ...{ kind: String(kind), format: String(format), status: String(status) },
      ...{ requested_by: String(requested_by), timestamp: timestamp as Date },
    }),
  });
  return { total, routes: routes.top(SHOWN_CHANGES), readers: readers.top(SHOWN_CHANGES), artifacts };
}

export async function readAlerts(scan: Scan): Promise<Alerts> {
  const rules = new Counts();
  const { store, from, to } = scan;
  for await (const page of pagesOf(store, { collection: "alerts", from, to, size: 1_000, members: ["rule"] })) {
    for (const { rule } of page) rules.add([String(rule)]);
  }
  const alerts = await newest(scan, {
    collection: "alerts",
    members: ["rule", "severity", "status", "resolved_at", "acknowledged_by", "sentence"],
    item: (alert) => ({
      timestamp: alert.timestamp as Date,
      ...{ rule: String(alert.rule), severity: String(alert.severity), status: String(alert.status) },
      resolved_at: dateOf(alert.resolved_at),
      acknowledged_by: textOf(alert.acknowledged_by),
      sentence: short(alert.sentence),
    }),
  });
  const [critical] = await store.aggregate("alerts", [
    { $match: { status: "firing", severity: "critical", timestamp: { $lt: to } } },
    { $group: { _id: null, count: { $sum: 1 } } },
  ]);
  return { critical_firing: Number(critical?.count ?? 0), rules: rules.top(SHOWN_CHANGES), alerts };
}

interface List<Item> {
  collection: Collection;
  members: readonly string[];
  item(document: Document): Item;
}

export async function newest<Item>(scan: Scan, { collection, members, item }: List<Item>): Promise<Listed<Item>> {
  const match = { $match: periodOf(scan) };
  const [documents, [count]] = await Promise.all([
    scan.store.aggregate(collection, [
      match,
      { $sort: { timestamp: -1, _id: -1 } },
      { $limit: SHOWN },
      { $project: Object.fromEntries([...members, "timestamp"].map((name) => [name, 1])) },
    ]),
    scan.store.aggregate(collection, [match, { $group: { _id: null, count: { $sum: 1 } } }]),
  ]);
  return { items: documents.map(item), of: Number(count?.count ?? 0) };
}

function revisionOf({ revision, timestamp, origin, who, why }: Document): Revision {
  return {
    revision: String(revision),
    timestamp: timestamp as Date,
    ...{ origin: String(origin), who: short(who), why: short(why) },
  };
}

function changeOf(document: Document): PolicyChange {
  const all = Array.isArray(document.changes) ? (document.changes as Document[]) : [];
  const changes = all.slice(0, SHOWN_CHANGES).map(({ path, before, after }) => ({
    path: short(path),
    before: before == null ? null : short(before),
    after: after == null ? null : short(after),
  }));
  return { ...revisionOf(document), changes, more: all.length - changes.length };
}

function short(value: unknown): string {
  const text = typeof value === "string" ? value : "";
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function dateOf(value: unknown): Date | null {
  return value instanceof Date ? value : null;
}
