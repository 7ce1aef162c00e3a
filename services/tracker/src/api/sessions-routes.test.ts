import { silentLog } from "@mcp-governance-bridge/shared";
import { expect, test } from "vitest";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import type { Write } from "../record-store.ts";
import { createGovernanceApi } from "./governance-api.ts";
import { sessionsRoutes } from "./sessions-routes.ts";

const START = Date.parse("2026-03-01T10:00:00Z");

const aSession = (id: string, at: number): Write => ({
  collection: "sessions",
  id,
  set: { session_id: id, status: "open", timestamp: new Date(START + at) },
});
const callsOf = (session: string, count: number): Write[] =>
  Array.from({ length: count }, (_none, n) => ({
    collection: "tool_logs",
    id: `${session}-${n}`,
    set: { session_id: session, timestamp: new Date(START + n), status: n % 2 ? "denied" : "success" },
  }));

test("calls of a session are counted up to a bound, and those of the others beside it all the same", async () => {
  const store = await aLmdbStore();
  await store.apply([aSession("busy", 2), aSession("quiet", 1), aSession("idle", 0)]);
  await store.apply([...callsOf("busy", 2_600), ...callsOf("quiet", 3)]);
  const source = { store, retention: () => ({}), now: () => new Date(START) };
  const { app } = createGovernanceApi({ endpoints: sessionsRoutes(source), edits: "open", log: silentLog });
  const response = await app.request("/governance/sessions");
  const { data } = JSON.parse(await response.text());
  const at = (ms: number): string => new Date(START + ms).toISOString();
  expect(data).toMatchObject([
    { session_id: "busy", calls: 500, denied_calls: 250, more_calls: true, last_call_at: at(2_599) },
    { session_id: "quiet", calls: 3, denied_calls: 1, more_calls: false, last_call_at: at(2) },
    { session_id: "idle", calls: 0, denied_calls: 0, more_calls: false, last_call_at: null },
  ]);
  await store.close();
});
