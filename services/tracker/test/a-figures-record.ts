import { randomUUID } from "node:crypto";
import { silentLog } from "@mcp-governance-bridge/shared";
import { coalesce } from "../src/coalesce.ts";
import type { RecordStore } from "../src/record-store.ts";
import { toWrites } from "../src/records/to-writes.ts";
import { createRollup } from "../src/usage/rollup.ts";
import {
  aBatch,
  aCatalogue,
  aCompleted,
  aConfigLoaded,
  aDecided,
  aDenied,
  anUpstreamChange,
  aPermit,
  aShadow,
} from "./builders.ts";

/** When the record is looked at. */
export const NOW = new Date("2026-03-05T12:34:30.000Z");

const MINUTES_AGO = [0, 1, 1, 2, 30, 59, 61, 90, 119, 125, 600, 1_439, 1_500, 2_800, 4_000, 4_400, 6_000];
const TOOLS = [
  ["files", "read"],
  ["files", "write"],
  ["web", "get"],
] as const;
const PRINCIPALS = ["ada", "bob", "eve"];

/** A call as the test knows it. */
export interface KnownCall {
  at: Date;
  server: string;
  tool: string;
  principal: string;
  status: "success" | "error" | "denied" | "unknown";
  ms: number;
}

/** So that the record is the same each time. */
const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

/** Five calls in each of some minutes, of three tools and principals, with every outcome. */
export const knownCalls: readonly KnownCall[] = MINUTES_AGO.flatMap((minutes, round) =>
  Array.from({ length: 5 }, (_none, n) => {
    const index = round * 5 + n;
    const [server, tool] = TOOLS[(index + Math.floor(index / 4)) % 3] ?? TOOLS[0];
    return {
      at: new Date(NOW.getTime() - minutes * 60_000 - n * 1_000 - round),
      server,
      tool,
      principal: PRINCIPALS[(index * 7) % 5] ?? "ada",
      status: (["success", "success", "error", "denied", "unknown", "success"] as const)[index % 6] ?? "success",
      ms: 10 + ((index * 37) % 90),
    };
  }),
);

function eventsOf(call: KnownCall, index: number) {
  const at = call.at.toISOString();
  const common = { callId: uuid(index), at, startedAt: at, server: call.server, target: call.tool };
  const change = { ...common, principal: call.principal, sessionId: `session-${index % 4}` };
  const ids = { decisionId: uuid(1_000 + index) };
  if (call.status === "denied") {
    const denied = aDenied(change);
    const rule = `${call.server}.rate_limit`;
    return [{ ...denied, event: { ...denied.event, decision: { ...denied.event.decision, ...ids, rule } } }];
  }
  const permit = { ...ids, ...(index % 8 === 0 && { rule: "policies.allow-all" }) };
  const shadows = index % 9 === 0 ? [aShadow({ rule: "policies.on-trial" })] : [];
  const decided = aDecided({ ...change, decision: aPermit({ ...permit, shadows }) });
  if (call.status === "unknown") return [decided];
  const { at: _, ...same } = change;
  return [decided, aCompleted(decided, { ...same, status: call.status, durationMs: call.ms })];
}

/** Puts these calls, and their servers, tools and sessions, into the record, and makes the figures. */
export async function aFiguresRecord(store: RecordStore): Promise<void> {
  const early = new Date(NOW.getTime() - 7 * 86_400_000).toISOString();
  const late = new Date(NOW.getTime() - 6 * 86_400_000).toISOString();
  const sessions = Array.from({ length: 5 }, (_none, index) => ({
    subject: "governance.session.opened" as const,
    event: {
      id: randomUUID(),
      at: new Date(NOW.getTime() - index * 60_000).toISOString(),
      sessionId: `session-${index}`,
      principal: PRINCIPALS[index % 3] ?? "ada",
      client: { name: index % 2 ? "inspector" : "desktop", version: "1" },
      protocolVersion: "2025-11-25",
      listener: "unified",
    },
  }));
  const closed = { sessionId: "session-4", reason: "client" as const };
  const writes = toWrites(
    aBatch(
      aConfigLoaded(early, ["files", "web"]),
      aCatalogue(late, "files", ["read", "write"]),
      anUpstreamChange(late, "files", "connected"),
      ...sessions,
      { subject: "governance.session.closed", event: { id: randomUUID(), at: NOW.toISOString(), ...closed } },
      ...knownCalls.flatMap(eventsOf),
    ),
    new Date(NOW.getTime() - 60_000),
  );
  await store.apply(coalesce(writes));
  const retention = () => ({ usage_minutes: 0.125 });
  const rollup = createRollup({ store, retention, log: silentLog, now: () => NOW });
  await rollup.run(new AbortController().signal);
}
