import type { Collection, Document } from "../record-store.ts";
import { LOST_END, NOT_CLOSED, notEnded, notOpened, OPEN_BEGINNING, OPEN_END } from "./untold.ts";

/** One of the facts that make up a document: what it tells, and what stands there until it does. */
export interface Part {
  /** Names of the members that the fact tells of this document. Two facts that both tell one tell the same of it. */
  members(document: Document): readonly string[];
  /** What this document has, of members that only this fact tells, while it has not come. Undefined where it must have come. */
  untold?(document: Document): Document;
  /** When this other part has come, the document has what that one tells. */
  yieldsTo?: string;
}

export interface DocumentFacts {
  parts: Readonly<Record<string, Part>>;
  /** Members that no fact tells: when the tracker kept the document, of which each delivery has an idea of its own. */
  unattested: readonly string[];
}

const CALL = [
  ...["call_id", "session_id", "principal", "client", "server_name", "method", "tool_name", "protocol_version", "era"],
  ...["start_time", "timestamp", "document_type", "decision_id"],
];
const BEGINNING = [...CALL, ...Object.keys(OPEN_BEGINNING)];
const END = Object.keys(OPEN_END);
const BEGINNING_AND_END = [...BEGINNING, ...END];

const DECISION = [
  ...["decision_id", "decision", "policy_violation", "reason", "retry_after_ms", "obligations", "rule", "revision"],
  ...["facts", "shadows", "shadow_denied", "degraded", "server_name", "tool_name", "method", "annotations"],
  ...["principal", "roles", "client", "session_id", "call_id", "policy_ms", "timestamp", "governance_version"],
  "document_type",
];
const REVISION = [
  ...["number", "revision", "origin", "who", "why", "changes", "document", "candidate", "timestamp", "document_type"],
];
const SESSION = ["session_id", "document_type"];
const OPENED = [...SESSION, ...Object.keys(notOpened({}))];
const CLOSED = [...SESSION, ...Object.keys(NOT_CLOSED)];
const LETTER = ["letter_id", "subject", "payload", "payload_size", "payload_truncated", "reason", "document_type"];
const READ = ["read_id", "reader", "address", "route", "path", "query", "timestamp", "document_type"];

const STORED = ["stored_at"];

/** What each fact of the audit trail tells: the one definition, by collection and part. */
export const FACTS = {
  tool_logs: {
    parts: {
      // A denied call has ended with its decision.
      decided: {
        members: ({ denial }) => (denial === null ? BEGINNING : BEGINNING_AND_END),
        untold: () => OPEN_BEGINNING,
      },
      completed: { members: () => [...CALL, ...END], untold: notEnded },
      lost: { members: () => Object.keys(LOST_END), untold: notEnded, yieldsTo: "completed" },
    },
    unattested: STORED,
  },
  governance_logs: { parts: { decided: { members: () => DECISION } }, unattested: STORED },
  policy_revisions: { parts: { changed: { members: () => REVISION } }, unattested: STORED },
  sessions: {
    parts: {
      opened: { members: () => OPENED, untold: notOpened },
      closed: { members: () => CLOSED, untold: () => NOT_CLOSED },
    },
    unattested: STORED,
  },
  dead_letters: {
    parts: { letter: { members: () => LETTER } },
    // It may come again and again, and be published again.
    unattested: ["timestamp", "status", "redriven_at", ...STORED],
  },
  record_reads: { parts: { read: { members: () => READ } }, unattested: STORED },
} as const satisfies Partial<Record<Collection, DocumentFacts>>;
