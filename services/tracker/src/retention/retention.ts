import { randomUUID } from "node:crypto";
import type { Log } from "@mcp-governance-bridge/shared";
import type { Retention as Days } from "@mcp-governance-bridge/shared/configuration";
import type { Collection, RecordStore, Write } from "../record-store.ts";
import type { Recorder } from "../recorder.ts";
import { FACTS } from "../records/facts.ts";
import { expirePayloads } from "./expire-payloads.ts";
import { type ChainLimits, findOldChains, type OldChains, removeOldChains } from "./old-chains.ts";
import type { RetentionRun } from "./retention-run.ts";

interface RetentionOptions {
  store: Pick<RecordStore, "aggregate" | "apply" | "remove">;
  recorder: Recorder;
  /** What the configuration says at this moment. */
  retention: () => Days;
  log: Log;
  now?: () => Date;
}

export interface Retention {
  /** Says by a tombstone what may be gone from now on. */
  announce(): Promise<void>;
  /**
   * Says by a tombstone what may be gone, then takes away what the store does not forget by itself: payloads, and the
   * audit trail of documents that are gone. Rejects when the signal is aborted; what is left comes with the next run.
   */
  run(signal: AbortSignal): Promise<void>;
}

const DAY_MS = 86_400_000;
/** Calls that were told late have old times. */
const LATE_MS = DAY_MS;
/** Runs after which all payloads are looked at again. */
const THOROUGH_EVERY = 24;
/** After the last document of a chain may be gone, so that it is gone. */
const CHAIN_GRACE_MS = DAY_MS;
/** Longer than a run takes, and than it may come late. */
const BLOCKS_AFTER_CHECKPOINTS_MS = DAY_MS;

const NONE: OldChains = { heads: [], blocks: [], doubtful: [] };
const RECORDED = Object.keys(FACTS) as (keyof typeof FACTS)[];

export function createRetention({
  store,
  recorder,
  retention,
  log,
  now = () => new Date(),
}: RetentionOptions): Retention {
  let payloadsUntil = new Date(0);
  let runs = 0;
  /** A write that failed may be kept by half: it comes again, so that the chain tells of it. */
  let unsure: Write | undefined;

  const keep = async (tombstone: Write): Promise<void> => {
    if (unsure) await recorder.record([unsure]);
    unsure = tombstone;
    await recorder.record([tombstone]);
    unsure = undefined;
  };

  const expireOld = async (before: Date, signal: AbortSignal): Promise<void> => {
    const from = runs % THOROUGH_EVERY === 0 ? new Date(0) : new Date(Math.max(0, payloadsUntil.getTime() - LATE_MS));
    const calls = await expirePayloads(store, { from, to: before }, signal);
    payloadsUntil = before;
    runs += 1;
    if (calls > 0) log.info({ calls, before }, "inputs and outputs of old calls are gone");
  };

  /** Undefined where there is nothing to tell. */
  const tell = async (occasion: Occasion): Promise<RetentionRun | undefined> => {
    const tombstone = tombstoneOf(retention(), occasion);
    if (!(saysAnything(tombstone) || (await hadAny(store)))) return undefined;
    await keep(writeOf(tombstone, occasion.at));
    return tombstone;
  };

  return {
    async announce() {
      await tell({ at: now(), old: NONE, limit: undefined });
    },
    async run(signal) {
      const at = now();
      const limit = chainLimits(retention(), at);
      const old = limit ? await findOldChains(store, limit.blocks) : NONE;
      if (old.doubtful.length > 0)
        log.error({ chains: old.doubtful }, "chains of the audit trail were changed, and stay as they are");
      const tombstone = await tell({ at, old, limit });
      if (tombstone?.payloads_before) await expireOld(tombstone.payloads_before, signal);
      if (!(tombstone && limit) || old.blocks.length === 0) return;
      await removeOldChains(store, old, limit);
      log.info({ blocks: old.blocks.length, before: limit.blocks }, "the audit trail of what is long gone was removed");
    },
  };
}

/** Undefined where something in the record stays for ever. */
function chainLimits(days: Days, at: Date): ChainLimits | undefined {
  const all = RECORDED.map((collection) => days[collection] ?? Number.POSITIVE_INFINITY);
  const longest = Math.max(...all);
  if (longest === Number.POSITIVE_INFINITY) return undefined;
  const checkpoints = ago(at, longest) - CHAIN_GRACE_MS;
  const blocks = checkpoints - BLOCKS_AFTER_CHECKPOINTS_MS;
  return { blocks: new Date(Math.max(0, blocks)), checkpoints: new Date(Math.max(0, checkpoints)) };
}

const ago = (at: Date, days: number): number => Math.max(0, at.getTime() - days * DAY_MS);

interface Occasion {
  at: Date;
  old: OldChains;
  limit: ChainLimits | undefined;
}

function tombstoneOf(days: Days, { at, old, limit }: Occasion): RetentionRun {
  const expired = RECORDED.flatMap((collection) => {
    const kept = days[collection];
    return kept === undefined
      ? []
      : [{ collection: collection as Collection, before: new Date(ago(at, kept)), days: kept }];
  });
  const own: RetentionRun["expired"] =
    limit && old.blocks.length > 0
      ? [
          { collection: "audit_checkpoints", before: limit.checkpoints, days: null },
          { collection: "retention_runs", before: limit.blocks, days: null },
        ]
      : [];
  return {
    timestamp: at,
    expired: [...expired, ...own],
    payloads_before: days.payloads === undefined ? null : new Date(ago(at, days.payloads)),
    chains: old.heads,
    document_type: "retention_run",
  };
}

function saysAnything({ expired, payloads_before: payloads }: RetentionRun): boolean {
  return expired.length > 0 || payloads !== null;
}

/** Then the end of it must be told too. */
async function hadAny(store: Pick<RecordStore, "aggregate">): Promise<boolean> {
  const [last] = await store.aggregate("retention_runs", [{ $sort: { timestamp: -1, _id: -1 } }, { $limit: 1 }]);
  return last !== undefined && saysAnything(last as RetentionRun);
}

function writeOf(tombstone: RetentionRun, at: Date): Write {
  return {
    collection: "retention_runs",
    id: randomUUID(),
    set: tombstone,
    setOnInsert: { stored_at: at },
    fact: { part: "run", at },
  };
}
