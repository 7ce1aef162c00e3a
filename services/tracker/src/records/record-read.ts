import type { EventOf } from "@mcp-governance-bridge/shared";
import { encodeJson } from "../payload.ts";
import type { Write } from "../record-store.ts";

/** That somebody read the record. */
export function writesOfRead(event: EventOf<"governance.record.read">, now: Date): Write[] {
  const at = new Date(event.at);
  const write: Write = {
    collection: "record_reads",
    id: event.id,
    set: {
      read_id: event.id,
      reader: event.reader,
      address: event.address,
      route: event.route,
      path: event.path,
      // What names the parameters is chosen by whoever asks.
      query: encodeJson(JSON.stringify(event.query)),
      timestamp: at,
      document_type: "record_read",
    },
    setOnInsert: { stored_at: now },
    fact: { part: "read", at },
  };
  return [write];
}
