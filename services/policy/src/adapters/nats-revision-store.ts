import { setTimeout as delay } from "node:timers/promises";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { createBucket } from "@mcp-governance-bridge/shared/nats";
import { Bucket, type KV } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Revision, RevisionStore } from "../revision-store.ts";
import { parseRevision } from "../revisions/revision-text.ts";
import { poll } from "./poll.ts";

export interface NatsRevisionStoreOptions {
  /** Stays the caller's to close. */
  connection: NatsConnection;
  log: Log;
  /** Copies of the bucket in a NATS cluster. */
  replicas?: number;
  /** Revisions that are kept. */
  kept?: number;
  bucket?: string;
}

const POLL_MS = 250;
const LOOK_MS = 1_000;
const DIGITS = 10;
const HEADER_BYTES = 1_024;
const AT_ONCE = 20;
const WRONG_LAST_SEQUENCE = 10_071;

/** In a JetStream key-value bucket, where every replica finds them. */
export function createNatsRevisionStore(options: NatsRevisionStoreOptions): RevisionStore {
  const { connection, log, replicas = 1, kept = 500, bucket = "policy_revisions" } = options;
  const inBucket = createBucket({ connection, log, bucket, replicas });

  async function use<T>(action: (bucket: Bucket) => Promise<T>): Promise<T> {
    return inBucket((opened) => action(asBucket(opened))).catch((cause: unknown) => {
      if (cause instanceof GovernanceError) throw cause;
      throw new GovernanceError("policy.unavailable", "the store of revisions (NATS) did not answer", { cause });
    });
  }

  return {
    latest: () => use(latest),
    get: (number) => use((revisions) => get(revisions, number)),
    list: (limit) => use((revisions) => list(revisions, Math.min(limit, kept))),
    append: (revision) =>
      use(async (revisions) => {
        const text = JSON.stringify(revision);
        assertFits(text, connection);
        // Forgotten numbers could be taken again.
        if (((await latest(revisions))?.number ?? 0) >= revision.number) return false;
        const isCreated = await create(revisions, keyOf(revision.number), text);
        if (isCreated)
          await revisions.purgeBucket({ keep: kept }).catch((err) => log.warn({ err }, "cannot forget old revisions"));
        return isCreated;
      }),
    watch(after, onRevision) {
      const look = createLook(after, onRevision);
      // A consumer of the bucket notices a restarted server after some ten seconds; a question at once.
      return poll(POLL_MS, async () => {
        const looked = use(look).catch(() => undefined);
        await Promise.race([looked, delay(LOOK_MS, undefined, { ref: false })]);
      });
    },
    close: async () => undefined,
  };
}

/** Reads the newest revision where the bucket has changed since the last look, and tells it where it is newer than all before. */
function createLook(after: number, onRevision: (revision: Revision) => void): (revisions: Bucket) => Promise<void> {
  let told = after;
  let seen: string | undefined;
  return async (revisions) => {
    const { streamInfo } = await revisions.status();
    const state = `${streamInfo.created} ${streamInfo.state.last_seq}`;
    if (state === seen) return;
    const revision = await latest(revisions);
    seen = state;
    if (!revision || revision.number <= told) return;
    told = revision.number;
    onRevision(revision);
  };
}

async function get(revisions: Bucket, number: number): Promise<Revision | undefined> {
  const entry = await revisions.get(keyOf(number));
  return entry?.operation === "PUT" ? parse(entry.string()) : undefined;
}

async function list(revisions: Bucket, limit: number): Promise<Revision[]> {
  const newest = (await latest(revisions))?.number ?? 0;
  const numbers = Array.from({ length: Math.min(limit, newest) }, (_, index) => newest - index);
  const found: (Revision | undefined)[] = [];
  // A few at once: together they may be large.
  for (let from = 0; from < numbers.length; from += AT_ONCE) {
    const some = numbers.slice(from, from + AT_ONCE);
    found.push(...(await Promise.all(some.map((number) => get(revisions, number)))));
  }
  return found.filter((revision) => revision !== undefined);
}

/** Numbers only grow, so the last message is the newest revision. */
async function latest(revisions: Bucket): Promise<Revision | undefined> {
  const message = await revisions.jsm.streams.getMessage(revisions.stream, { last_by_subj: `${revisions.prefix}.r.*` });
  return message ? parse(message.string()) : undefined;
}

function parse(text: string): Revision {
  try {
    return parseRevision(text);
  } catch (cause) {
    throw new GovernanceError("policy.unavailable", "what NATS keeps as a revision of the policy is none", { cause });
  }
}

/** False where the key is taken. */
async function create(revisions: Bucket, key: string, text: string): Promise<boolean> {
  try {
    await revisions.create(key, text);
    return true;
  } catch (error) {
    if (codeOf(error) === WRONG_LAST_SEQUENCE) return false;
    throw error;
  }
}

function assertFits(text: string, { info }: NatsConnection): void {
  const size = Buffer.byteLength(text) + HEADER_BYTES;
  const most = info?.max_payload ?? 2 ** 20;
  if (size <= most) return;
  throw new GovernanceError(
    "policy.invalid",
    `the policy takes ${size} bytes, of which NATS carries ${most} (max_payload)`,
  );
}

function keyOf(number: number): string {
  return `r.${number.toString().padStart(DIGITS, "0")}`;
}

function asBucket(opened: KV): Bucket {
  if (opened instanceof Bucket) return opened;
  throw new Error("the key-value client opened something else than a bucket");
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;
}
