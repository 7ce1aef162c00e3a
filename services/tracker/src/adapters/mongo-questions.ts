import type { Db } from "mongodb";
import type { Collection, Document } from "../record-store.ts";
import type { Explanation } from "./explanation.ts";
import { explanationOf } from "./mongo-explanation.ts";
import { withinWindow } from "./mongo-windows.ts";

/** A page comes in one answer, not in two. */
const BATCH = 1_000;

interface MongoQuestions {
  aggregate(collection: Collection, pipeline: readonly Document[]): Promise<Document[]>;
  /** How `aggregate` is answered. */
  explain(collection: Collection, pipeline: readonly Document[]): Promise<Explanation>;
}

/** Asks MongoDB, or what speaks its language. */
export function createMongoQuestions(db: Db): MongoQuestions {
  let sortsAll: Promise<boolean> | undefined;

  const ask = (collection: Collection, pipeline: readonly Document[]): Promise<Document[]> =>
    db
      .collection(collection)
      .aggregate([...pipeline], { batchSize: BATCH })
      .toArray();

  /** The pipeline as the server is to get it. */
  const suited = async (collection: Collection, pipeline: readonly Document[]): Promise<readonly Document[]> => {
    sortsAll ??= isFerret(db);
    const asked = sortsAll;
    const isNeeded = await asked.catch((error: unknown) => {
      sortsAll = undefined;
      throw error;
    });
    if (!isNeeded) return pipeline;
    return withinWindow(pipeline, async (counting) => Number((await ask(collection, counting))[0]?.n ?? 0));
  };

  return {
    aggregate: async (collection, pipeline) => ask(collection, await suited(collection, pipeline)),
    async explain(collection, pipeline) {
      const stages = await suited(collection, pipeline);
      return explanationOf(
        await db
          .collection(collection)
          .aggregate([...stages])
          .explain(),
      );
    },
  };
}

async function isFerret(db: Db): Promise<boolean> {
  return Object.hasOwn(await db.command({ buildInfo: 1 }), "ferretdb");
}
