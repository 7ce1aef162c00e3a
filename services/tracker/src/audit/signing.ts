import type { Log } from "@mcp-governance-bridge/shared";
import type { RecordStore } from "../record-store.ts";
import type { Chain } from "./chain-writer.ts";
import type { Checkpoint, Leaf } from "./evidence.ts";
import type { Witnesses } from "./witnesses.ts";

interface SigningOptions {
  store: Pick<RecordStore, "apply">;
  witnesses: Witnesses;
  log: Log;
  now: () => Date;
  onCheckpoint: (checkpoint: Checkpoint) => void;
}

/** A chain to which nothing is added is signed again so often: silence is then no loss. */
const IDLE_MS = 3_600_000;

/** Signs chains as they are kept. What fails is tried again with the next call. Calls must not overlap. */
export interface Signing {
  /** `closes`: no block comes after it. */
  sign(chain: Chain, closes?: boolean): Promise<void>;
  /** The chain where it is due, and those that ended. */
  signDue(chain: Chain | undefined): Promise<void>;
  /** Of a chain that ended by a failure: it is closed as far as it is known to be kept. */
  ended(chain: Chain): void;
  /** Facts of checkpoints, for the next block. */
  readonly owed: Leaf[];
}

export function createSigning({ store, witnesses, log, now, onCheckpoint }: SigningOptions): Signing {
  const owed: Leaf[] = [];
  let failed: Chain[] = [];

  const sign = async (chain: Chain, closes = false): Promise<void> => {
    try {
      const witnessed = chain.isNew() ? undefined : await witnesses.look(chain.partition);
      const { checkpoint, write, leaf } = chain.checkpoint({ at: now(), witnessed, closes });
      await store.apply([write]);
      chain.acceptCheckpoint(checkpoint);
      owed.push(leaf);
      onCheckpoint(checkpoint);
    } catch (error) {
      log.warn({ reason: String(error), partition: chain.partition }, "the audit chain could not be signed");
    }
  };

  return {
    sign,
    async signDue(chain) {
      for (const each of failed) await sign(each, true);
      failed = failed.filter((each) => !each.isClosed());
      if (chain && (chain.isUnsigned() || now().getTime() - chain.signedAt() >= IDLE_MS)) await sign(chain);
    },
    ended(chain) {
      if (!chain.isEmpty()) failed.push(chain);
    },
    owed,
  };
}
