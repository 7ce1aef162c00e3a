import { randomUUID } from "node:crypto";
import type { RecordStore } from "../src/record-store.ts";
import { toWrites } from "../src/records/to-writes.ts";
import type { Known } from "./api-conformance.ts";
import {
  aCatalogue,
  aCompleted,
  aConfigLoaded,
  aDecided,
  aDenied,
  anUpstreamChange,
  aPermit,
  aPolicyChanged,
  aShadow,
} from "./builders.ts";

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

/** Puts some of everything into the record, and says what there is. */
export async function seed(store: RecordStore): Promise<Known> {
  const decided = Array.from({ length: 40 }, (_none, index) => {
    const at = ago(index * 20);
    const change = { at, startedAt: at, server: index % 2 ? "files" : "weather", principal: index % 3 ? "ada" : "eve" };
    if (index % 5 === 0) return aDenied(change);
    return aDecided({ ...change, decision: aPermit(index % 4 ? {} : { shadows: [aShadow()] }) });
  });
  const ended = decided.filter(({ event }, index) => event.decision.effect === "permit" && index % 7 !== 0);
  const read = {
    subject: "governance.record.read" as const,
    event: {
      id: randomUUID(),
      at: ago(1),
      reader: "admin",
      address: null,
      route: "GET /governance/tool-logs",
      path: "/governance/tool-logs",
      query: { hours: "0" },
    },
  };
  const session = {
    sessionId: "session-1",
    principal: "ada",
    client: null,
    protocolVersion: "2025-11-25",
    listener: "unified",
  };
  await store.apply(
    toWrites(
      {
        dead: [{ subject: "governance.call.decided", payload: '{"id":1}', reason: "id: must be text" }],
        events: [
          { subject: "governance.session.opened", event: { id: randomUUID(), at: ago(900), ...session } },
          aConfigLoaded(ago(900), ["weather", "files"]),
          aPolicyChanged(ago(800), { number: 1, servers: { weather: { rate_limit: 7 } } }),
          aCatalogue(ago(800), "weather", ["forecast"]),
          anUpstreamChange(ago(700), "weather", "connected"),
          ...decided,
          ...ended.map((each) => aCompleted(each, { status: "success" })),
          read,
        ],
      },
      new Date(),
    ),
  );
  return {
    name: ["weather", "files"],
    server_name: ["weather", "files"],
    tool: ["forecast"],
    server: ["weather", "files"],
    webhook: ["pager"],
    tool_name: ["forecast"],
    principal: ["ada", "eve"],
    session_id: ["session-1"],
    id: ["session-1"],
    number: [1],
    from: [1, ago(600)],
    to: [1, ago(60)],
  };
}
