import type { Document } from "./record-store.ts";

/**
 * Condition for what comes after a document in the order of times and ids. More conditions on the time may be given, such
 * as where it is to end; the first one makes an index of times enough.
 */
export function laterThan({ timestamp, _id }: Document, more: Document = {}): Document {
  return { timestamp: { $gte: timestamp, ...more }, $or: [{ timestamp: { $gt: timestamp } }, { _id: { $gt: _id } }] };
}
