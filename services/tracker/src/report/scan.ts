import type { Document, RecordStore } from "../record-store.ts";

/** What a report is about, and where it is read. */
export interface Scan {
  store: Pick<RecordStore, "aggregate">;
  from: Date;
  /** Exclusive. */
  to: Date;
  /** All where it is missing. */
  servers?: string[] | undefined;
  signal: AbortSignal;
}

/** Condition on documents that name a server. */
export function scopeOf({ servers }: Pick<Scan, "servers">): Document {
  return servers ? { server_name: { $in: servers } } : {};
}

/** Condition on the time. */
export function periodOf({ from, to }: Pick<Scan, "from" | "to">): Document {
  return { timestamp: { $gte: from, $lt: to } };
}
