import { randomBytes } from "node:crypto";
import { type Closable, GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { leavesOf } from "./audit/chain.ts";
import { type Chain, createChain } from "./audit/chain-writer.ts";
import type { Checkpoint } from "./audit/evidence.ts";
import type { Signer } from "./audit/signer.ts";
import { createSigning } from "./audit/signing.ts";
import { createWitnesses } from "./audit/witnesses.ts";
import { coalesce } from "./coalesce.ts";
import type { RecordStore, Write } from "./record-store.ts";

/** The one way into the audit trail. */
export interface Recorder {
  /**
   * Resolves once the writes are kept, and with them the next block of this process's chain, which names the facts
   * among them. Writes of one document may come several times. Calls take turns.
   */
  record(writes: readonly Write[]): Promise<void>;
}

interface RecorderOptions {
  store: Pick<RecordStore, "apply" | "aggregate">;
  signer: Signer;
  log: Log;
  now?: () => Date;
  /** Between two signatures, where there is something to sign. */
  checkpointMs?: number;
  /** Told of each checkpoint that is kept, so that a copy can be kept elsewhere; without it they are logged. */
  onCheckpoint?: (checkpoint: Checkpoint) => void;
}

export interface RunningRecorder extends Recorder, Closable {
  /** When the oldest block was kept that nobody has signed for yet; null where there is none. */
  unsealedSince(): Date | null;
}

const CHECKPOINT_MS = 10_000;

/**
 * A chain begins with the first fact. A write that fails ends it, and the next fact begins another: whether its last
 * block is kept nobody can know, and no two blocks may ever have the same place. `close` signs what is there.
 */
export function createRecorder(options: RecorderOptions): RunningRecorder {
  const { store, signer, log, now = () => new Date(), checkpointMs = CHECKPOINT_MS } = options;
  const { onCheckpoint = (checkpoint) => log.info({ checkpoint }, "audit checkpoint") } = options;
  const witnesses = createWitnesses(store);
  const sealed = (checkpoint: Checkpoint): void => {
    unsealed.delete(checkpoint.partition);
    onCheckpoint(checkpoint);
  };
  const signing = createSigning({ store, witnesses, log, now, onCheckpoint: sealed });
  let chain: Chain | undefined;
  /** By the names of chains, when the oldest of their blocks that nobody has signed for was kept. */
  const unsealed = new Map<string, number>();
  let closing: Promise<void> | undefined;
  const inTurn = turns();

  const begin = async (): Promise<Chain> => {
    const partition = partitionName(now());
    chain = createChain({ partition, signer, witnessed: await witnesses.look(partition) });
    return chain;
  };

  const keep = async (writes: readonly Write[]): Promise<void> => {
    const facts = leavesOf(writes);
    if (facts.length === 0) return store.apply(coalesce(writes));
    const owing = signing.owed.length;
    const current = chain ?? (await begin());
    const growth = current.grow([...signing.owed, ...facts], now());
    try {
      await store.apply([...coalesce(writes), ...growth.writes]);
    } catch (error) {
      chain = undefined;
      signing.ended(current);
      throw error;
    }
    growth.accept();
    if (!unsealed.has(current.partition)) unsealed.set(current.partition, now().getTime());
    signing.owed.splice(0, owing);
    if (current.isNew()) void inTurn(async () => current.isNew() && signing.sign(current));
  };

  const timer = setInterval(() => void inTurn(() => signing.signDue(chain)), checkpointMs);
  timer.unref();
  return {
    async record(writes) {
      if (closing !== undefined) throw new GovernanceError("store.unavailable", "the recorder is closed");
      await inTurn(async () => {
        await keep(writes);
        await markAgain(store, writes);
      });
    },
    unsealedSince: () => (unsealed.size > 0 ? new Date(Math.min(...unsealed.values())) : null),
    close() {
      clearInterval(timer);
      closing ??= inTurn(async () => {
        await signing.signDue(undefined);
        if (chain) await signing.sign(chain, true);
      });
      return closing;
    },
  };
}

/**
 * Sets marks once more when what they speak of is kept: whoever cleared them sooner may not have seen it. Set with it as
 * well, they are there even where this process ends in between.
 */
async function markAgain(store: Pick<RecordStore, "apply">, writes: readonly Write[]): Promise<void> {
  const marks = writes.filter(({ collection }) => collection === "usage_marks");
  if (marks.length > 0) await store.apply(coalesce(marks));
}

/** Names sort by the time at which chains began. */
function partitionName(at: Date): string {
  return `${at.toISOString().replace(/\D/g, "")}-${randomBytes(6).toString("hex")}`;
}

/** Has one piece of work done after the other. */
function turns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
