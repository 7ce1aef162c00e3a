import { coalesce } from "../src/coalesce.ts";
import type { RecordStore, Write } from "../src/record-store.ts";
import { toWrites } from "../src/records/to-writes.ts";
import { RANGE, seedCalls } from "./artifacts.ts";
import { aBatch, aCatalogue, aConfigLoaded, aDecided, after, aPolicyChanged } from "./builders.ts";
import { now } from "./writes.ts";

export const CALLS = 600;

const minute = (n: number): Date => new Date(RANGE.from.getTime() + n * 60_000);

/** Markup that would run where it is not escaped, a sign that turns the direction of writing, and a control character. */
export const HOSTILE = `<img src=x onerror="alert('1')">&amp;\u202e\u0007`;

/** An hour of which there is something to tell in each section of a report. */
export async function seedReported(store: RecordStore): Promise<void> {
  await seedCalls(store, CALLS);
  const config = aConfigLoaded(after(0), ["weather", "files", "idle"]);
  for (const { governance, name } of config.event.servers)
    Object.assign(governance, {
      detailed_tracking: name !== "files",
      enable_tool_logging: true,
      track_api_usage: true,
    });
  const open = aDecided({ startedAt: after(1_000_000), at: after(1_000_000), target: HOSTILE, principal: HOSTILE });
  const events = [
    config,
    aCatalogue(after(0), "weather", ["forecast", "history"]),
    aPolicyChanged(after(-60_000), { number: 1, servers: { weather: {} }, why: "" }),
    aPolicyChanged(after(60_000), { number: 2, servers: { weather: {} }, who: "ada", why: HOSTILE }),
    open,
  ];
  const dead = [{ subject: "governance.call.decided", payload: "{", reason: "not JSON" }];
  const writes = coalesce(toWrites({ ...aBatch(...events), dead }, minute(3)));
  await store.apply([...writes, ...others()]);
}

function others(): Write[] {
  const timestamp = minute(10);
  return [
    {
      collection: "record_reads",
      id: "read-1",
      set: { reader: "admin", route: "GET /governance/tool-logs", timestamp, document_type: "record_read" },
    },
    {
      collection: "alerts",
      id: "alert-1",
      set: { rule: "violations", severity: "critical", status: "firing", sentence: `${HOSTILE} denied`, timestamp },
    },
    {
      collection: "artifacts",
      id: "export-1",
      set: { kind: "export", format: "csv", status: "done", requested_by: "grace", timestamp },
    },
    {
      collection: "retention_runs",
      id: "run-1",
      set: { timestamp, expired: [{ collection: "tool_logs", before: now }], payloads_before: now, chains: [] },
    },
  ];
}
