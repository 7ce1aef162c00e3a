import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EventBus, GovernanceError, Scope, silentLog } from "@mcp-governance-bridge/shared";
import { RecordSettings } from "@mcp-governance-bridge/shared/configuration";
import { openJournalEventBus } from "@mcp-governance-bridge/shared/journal";
import {
  createTimerJobQueue,
  type GovernanceApi,
  loadSigner,
  openLmdbRecordStore,
  type RecordStore,
  startRecordService,
} from "@mcp-governance-bridge/tracker";
import { until } from "../../system/until.ts";
import { publishCalls } from "./publish.ts";
import { SERVER, someCalls } from "./workload.ts";

const PATIENCE_MS = 180_000;

interface StartedRecord {
  /** Of the data. */
  folder: string;
  store: RecordStore;
  bus: EventBus;
  api: GovernanceApi;
}

/** The record of standalone: journal, LMDB, chain, figures, all in this process. */
export async function startRecord(scope: Scope): Promise<StartedRecord> {
  const folder = await mkdtemp(join(tmpdir(), "bridge-bench-"));
  scope.use({ close: () => rm(folder, { recursive: true, force: true }) });
  const log = silentLog;
  const store = scope.use(openLmdbRecordStore({ path: join(folder, "records"), log }));
  const bus = scope.use(await openJournalEventBus({ directory: join(folder, "journal"), log }));
  const options = {
    bus,
    store,
    queue: createTimerJobQueue({ log }),
    signer: await loadSigner({ file: join(folder, "audit", "key.pem") }),
    policy: { ask: () => Promise.reject(new GovernanceError("policy.unavailable", "there is none here")) },
    edits: "off",
    settings: RecordSettings.parse({}),
    repeatMs: 0,
    onCheckpoint: () => undefined,
    log,
  } as const;
  const { api } = scope.use(await startRecordService(options));
  return { folder, store, bus, api };
}

/** Calls a second that it records. */
export async function recordInProcess(count: number): Promise<number> {
  const scope = new Scope();
  try {
    const { store, bus } = await startRecord(scope);
    const recorded = async (): Promise<number> => {
      const [counted] = await store.aggregate("tool_logs", [
        { $match: { server_name: SERVER, event_type: "tool_completion" } },
        { $count: "calls" },
      ]);
      return Number(counted?.calls ?? 0);
    };
    const began = performance.now();
    await publishCalls(bus, someCalls(count));
    await until(async () => (await store.status()).documents.tool_logs === count && (await recorded()) === count, {
      what: `${count} calls are on record`,
      withinMs: PATIENCE_MS,
      everyMs: 100,
    });
    return count / ((performance.now() - began) / 1_000);
  } finally {
    await scope.close();
  }
}
