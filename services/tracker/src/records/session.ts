import type { EventOf } from "@mcp-governance-bridge/shared";
import type { Write } from "../record-store.ts";
import { NOT_CLOSED, notOpened } from "./untold.ts";

/** The session's document as far as its beginning tells it. */
export function writesOfOpened(event: EventOf<"governance.session.opened">, now: Date): Write[] {
  const at = new Date(event.at);
  const write: Write = {
    collection: "sessions",
    id: event.sessionId,
    set: {
      session_id: event.sessionId,
      principal: event.principal,
      client: event.client,
      protocol_version: event.protocolVersion,
      listener: event.listener,
      opened_at: at,
      timestamp: at,
      document_type: "session",
    },
    setOnInsert: { ...NOT_CLOSED, stored_at: now },
    fact: { part: "opened", at },
  };
  return [write];
}

/** The session's document as far as its end tells it. */
export function writesOfClosed(event: EventOf<"governance.session.closed">, now: Date): Write[] {
  const at = new Date(event.at);
  const set = {
    session_id: event.sessionId,
    status: "closed",
    closed_at: at,
    close_reason: event.reason,
    document_type: "session",
  };
  const write: Write = {
    collection: "sessions",
    id: event.sessionId,
    set,
    setOnInsert: { ...notOpened(set), stored_at: now },
    fact: { part: "closed", at },
  };
  return [write];
}
