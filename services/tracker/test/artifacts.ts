import { randomUUID } from "node:crypto";
import { GovernanceError, silentLog } from "@mcp-governance-bridge/shared";
import { vi } from "vitest";
import type { Artifact } from "../src/artifacts/artifact.ts";
import { type Artifacts, createArtifacts, type ExportOrder } from "../src/artifacts/artifacts.ts";
import { coalesce } from "../src/coalesce.ts";
import type { JobQueue } from "../src/jobs/job-queue.ts";
import type { Document, RecordStore } from "../src/record-store.ts";
import { toWrites } from "../src/records/to-writes.ts";
import { aBatch, aCompleted, aDecided, aDenied, after } from "./builders.ts";
import { now } from "./writes.ts";

/** The time that `seedCalls` fills. */
export const RANGE = { from: new Date(after(0)), to: new Date(after(3_600_000)) };

const SEEDED_AT_ONCE = 500;

/** So many calls, a second of `step` milliseconds apart, every tenth denied. */
export async function seedCalls(store: RecordStore, count: number, { step = 10, text = "rain" } = {}): Promise<void> {
  for (let first = 0; first < count; first += SEEDED_AT_ONCE) {
    const events = Array.from({ length: Math.min(SEEDED_AT_ONCE, count - first) }, (_, index) =>
      aCall(first + index, { step, text }),
    );
    await store.apply(coalesce(toWrites(aBatch(...events.flat()), now)));
  }
}

function aCall(n: number, { step, text }: { step: number; text: string }) {
  const at = after(n * step);
  const who = { callId: randomUUID(), startedAt: at, at, server: n % 3 === 0 ? "files" : "weather" };
  const inputs = { text: JSON.stringify({ n, text }), size: 20, truncated: false };
  const principal = n % 2 === 0 ? "ada" : "grace";
  if (n % 10 === 9) return [aDenied({ ...who, principal, inputs })];
  const decided = aDecided({ ...who, principal, inputs });
  return [decided, aCompleted(decided, { server: who.server, principal })];
}

/** Evidence as the tracker keeps it, of no meaning. */
const aChain = [
  { checkpoint: { _id: "p.1", partition: "p", seq: 1, timestamp: now, signature: "one" } },
  { block: { _id: "p.000000000001", partition: "p", seq: 1, timestamp: now, hash: "a", leaves: [["x"]] } },
  { block: { _id: "p.000000000002", partition: "p", seq: 2, timestamp: now, hash: "b", leaves: [] } },
];

interface Parts {
  store: RecordStore;
  queue: Pick<JobQueue, "define" | "add" | "every">;
  chain?: readonly ({ block: Document } | { checkpoint: Document })[];
}

export function anArtifacts({ store, queue, chain = aChain }: Parts): Artifacts {
  return createArtifacts({
    store,
    queue,
    log: silentLog,
    async *chainOf() {
      yield* chain;
    },
    publicKeys: async () => ["key"],
    report: async () => {
      throw new GovernanceError("store.unavailable", "no report here");
    },
  });
}

export const anExport = (change: Partial<ExportOrder> = {}): ExportOrder => ({
  ...RANGE,
  format: "ndjson",
  collections: ["tool_logs", "governance_logs"],
  filters: {},
  by: "ada",
  ...change,
});

/** The artifact once it is no longer made. */
export function finished(artifacts: Artifacts, { kind, _id: id }: Pick<Artifact, "kind" | "_id">): Promise<Artifact> {
  const check = async (): Promise<Artifact> => {
    const artifact = await artifacts.find(kind, id);
    if (["waiting", "running"].includes(artifact.status)) throw new Error(JSON.stringify(artifact.progress));
    return artifact;
  };
  return vi.waitFor(check, { timeout: 25_000, interval: 20 });
}

/** All of a file. */
export async function textOf(artifacts: Artifacts, id: string): Promise<string> {
  let all = "";
  for await (const piece of (await artifacts.open("export", id, "download")).text) all += piece;
  return all;
}
