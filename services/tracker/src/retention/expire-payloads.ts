import { setImmediate as turn } from "node:timers/promises";
import { scan } from "../audit/scan.ts";
import type { Document, RecordStore, Write } from "../record-store.ts";

const AT_ONCE = 200;
const IS_GONE = {
  timestamp: 1,
  inputs: { $eq: ["$inputs", null] },
  outputs: { $eq: ["$outputs", null] },
};

/** Takes the inputs and outputs away from calls of a period; resolves to from how many. */
export async function expirePayloads(
  store: Pick<RecordStore, "aggregate" | "apply">,
  { from, to }: { from: Date; to: Date },
  signal: AbortSignal,
): Promise<number> {
  let expired = 0;
  for await (const page of scan(store, "tool_logs", { from, to, project: IS_GONE, atOnce: AT_ONCE })) {
    signal.throwIfAborted();
    const writes = page.filter(({ inputs, outputs }) => !(inputs && outputs)).map(expiry);
    if (writes.length > 0) await store.apply(writes);
    expired += writes.length;
    await turn();
  }
  return expired;
}

function expiry({ _id, timestamp }: Document): Write {
  return {
    collection: "tool_logs",
    id: String(_id),
    set: { inputs: null, outputs: null, payloads_expired: true },
    onlyIf: { timestamp },
  };
}
