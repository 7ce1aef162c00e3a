import type { Write } from "../record-store.ts";
import { blockId, blocksAfter, checkpointId, genesisOf, signedText } from "./chain.ts";
import type { Block, Checkpoint, Head, Leaf } from "./evidence.ts";
import { factDigest, toldOf } from "./fact-digest.ts";
import type { Signer } from "./signer.ts";

interface ChainOptions {
  partition: string;
  signer: Signer;
  /** What it hangs on. */
  witnessed: readonly Head[];
}

interface Growth {
  writes: Write[];
  /** To be called once they are kept. */
  accept(): void;
}

interface CheckpointQuestion {
  at: Date;
  /** Without it, what the chain hangs on. */
  witnessed: readonly Head[] | undefined;
  closes: boolean;
}

interface Signed {
  checkpoint: Checkpoint;
  write: Write;
  /** The fact that it was made. */
  leaf: Leaf;
}

/** A chain that grows. What is not accepted is as if it had not been made. */
export type Chain = ReturnType<typeof createChain>;

export function createChain({ partition, signer, witnessed: roots }: ChainOptions) {
  let head: Head = { partition, seq: 0, hash: genesisOf(partition, signer.keyId, roots) };
  let leafCount = 0;
  let newestMs = 0;
  let signed = { seq: 0, at: 0, closes: false };

  /** Times of a chain never go back, whatever the clock does. */
  const notBefore = (at: Date): Date => new Date(Math.max(at.getTime(), newestMs));

  return {
    partition,
    grow(leaves: readonly Leaf[], at: Date): Growth {
      const blocks = blocksAfter(leaves, { head, timestamp: notBefore(at), signer });
      const accept = (): void => {
        for (const { seq, hash, timestamp } of blocks) {
          head = { partition, seq, hash };
          newestMs = timestamp.getTime();
        }
        leafCount += leaves.length;
      };
      return { writes: blocks.map(writeOfBlock), accept };
    },
    checkpoint({ at, witnessed = roots, closes }: CheckpointQuestion): Signed {
      const { seq, hash } = head;
      const unsigned = {
        ...{ partition, seq, hash, leaves: leafCount },
        timestamp: notBefore(at),
        witnessed: [...witnessed],
        closes,
        key_id: signer.keyId,
        public_key: signer.publicKey,
      };
      return signedOf({ ...unsigned, signature: signer.sign(signedText(unsigned)) });
    },
    acceptCheckpoint({ seq, timestamp, closes }: Checkpoint): void {
      signed = { seq, at: timestamp.getTime(), closes };
    },
    isEmpty: (): boolean => head.seq === 0,
    isClosed: (): boolean => signed.closes,
    isNew: (): boolean => signed.seq === 0,
    isUnsigned: (): boolean => head.seq > signed.seq,
    signedAt: (): number => signed.at,
  };
}

function writeOfBlock(block: Block): Write {
  return { collection: "audit_blocks", id: blockId(block.partition, block.seq), set: {}, setOnInsert: { ...block } };
}

function signedOf(checkpoint: Checkpoint): Signed {
  const name = { collection: "audit_checkpoints", id: checkpointId(checkpoint), part: "signed" } as const;
  const set = { ...checkpoint };
  return {
    checkpoint,
    write: { collection: name.collection, id: name.id, set: {}, setOnInsert: set },
    leaf: { ...name, at: checkpoint.timestamp.getTime(), digest: factDigest(name, toldOf(set)) },
  };
}
