import { randomUUID } from "node:crypto";
import type { EventOf } from "@mcp-governance-bridge/shared";
import { after, START } from "./builders.ts";

export const aSessionOpened = (change: Partial<EventOf<"governance.session.opened">> = {}) => ({
  subject: "governance.session.opened" as const,
  event: {
    id: randomUUID(),
    at: START,
    sessionId: randomUUID(),
    principal: "anonymous",
    client: { name: "inspector", version: "1.0.0" },
    protocolVersion: "2025-11-25",
    listener: "unified",
    ...change,
  },
});

export const aSessionClosed = (sessionId: string, at = after(60_000)) => ({
  subject: "governance.session.closed" as const,
  event: { id: randomUUID(), at, sessionId, reason: "client" as const },
});

export const aRecordRead = (change: Partial<EventOf<"governance.record.read">> = {}) => ({
  subject: "governance.record.read" as const,
  event: {
    id: randomUUID(),
    at: START,
    reader: "ada",
    address: "127.0.0.1",
    route: "GET /governance/tool-logs",
    path: "/governance/tool-logs",
    query: { hours: "1" },
    ...change,
  },
});
