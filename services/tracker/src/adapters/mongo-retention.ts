import type { Db } from "mongodb";
import { recordIndexes } from "../record-indexes.ts";
import { type Collection, EXPIRY_GRACE_MS } from "../record-store.ts";
import { dropIndex } from "./mongo-indexes.ts";

export type Retained = Readonly<Partial<Record<Collection, number>>>;

const NAME = "retention";
const DAY_SECONDS = 86_400;

/** Has the server remove what is older than so many days. Safe from several trackers at once: the last one counts. */
export async function retainInMongo(db: Db, days: Retained): Promise<void> {
  for (const collection of Object.keys(recordIndexes) as Collection[]) {
    await retainOne(db, collection, days[collection]);
  }
}

async function retainOne(db: Db, collection: Collection, days: number | undefined): Promise<void> {
  const present = (await db.collection(collection).indexes()).find(({ name }) => name === NAME);
  if (days === undefined) {
    if (present) await dropIndex(db, collection, NAME);
    return;
  }
  const expireAfterSeconds = Math.ceil(days * DAY_SECONDS + EXPIRY_GRACE_MS / 1_000);
  if (present?.expireAfterSeconds === expireAfterSeconds) return;
  if (!present && (await made(db, collection, expireAfterSeconds))) return;
  await db.command({ collMod: collection, index: { name: NAME, expireAfterSeconds } });
}

/** False where another tracker has made it meanwhile, with what it believes. */
async function made(db: Db, collection: Collection, expireAfterSeconds: number): Promise<boolean> {
  try {
    await db.collection(collection).createIndex({ timestamp: 1 }, { name: NAME, expireAfterSeconds });
    return true;
  } catch (error) {
    const isThere = (await db.collection(collection).indexes()).some(({ name }) => name === NAME);
    if (!isThere) throw error;
    return false;
  }
}
