// A process of its own that makes what is ordered: `artifact-worker.ts STORE WHERE JOBS-PREFIX PAGE-DELAY-MS`.
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "@mcp-governance-bridge/shared";
import { createBullJobQueue } from "../src/adapters/bullmq-job-queue.ts";
import { openLmdbRecordStore } from "../src/adapters/lmdb-record-store.ts";
import { connectMongoRecordStore } from "../src/adapters/mongo-record-store.ts";
import { createTimerJobQueue } from "../src/adapters/timer-job-queue.ts";
import type { RecordStore } from "../src/record-store.ts";
import { anArtifacts } from "./artifacts.ts";

const [kind = "", where = "", prefix = "", delay = "0"] = process.argv.slice(2);
const { MONGODB_URI = "", REDIS_URL = "" } = process.env;

const store: RecordStore =
  kind === "mongodb"
    ? connectMongoRecordStore({ uri: MONGODB_URI, database: where, log: silentLog })
    : openLmdbRecordStore({ path: where, log: silentLog });
const queue = prefix
  ? createBullJobQueue({ url: REDIS_URL, prefix, log: silentLog, lockMs: 1_000 })
  : createTimerJobQueue({ log: silentLog });

anArtifacts({
  queue,
  store: {
    ...store,
    async apply(writes) {
      await store.apply(writes);
      if (writes.some(({ collection }) => collection === "artifact_chunks")) await sleep(Number(delay));
    },
  },
});
process.stdout.write("ready\n");
