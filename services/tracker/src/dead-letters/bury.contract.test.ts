import { silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aTracker } from "../../test/a-tracker.ts";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { aBatch, aCompleted, aDecided } from "../../test/builders.ts";
import { temporarySigner } from "../audit/signer.ts";
import { storeSource } from "../audit/verify/store-source.ts";
import { verify } from "../audit/verify/verify.ts";
import type { RecordStore, Write } from "../record-store.ts";
import { createRecorder } from "../recorder.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

describe.each(recordStores(uri))("what %s refuses", (_name, open, available) => {
  let store: RecordStore;
  beforeEach(async () => {
    if (available) store = await open();
  });
  afterEach(() => store?.close());

  test.runIf(available)("is a dead letter, and the chain tells of the documents that were kept of it", async () => {
    const [poison, good] = [aDecided(), aDecided()];
    const isRefused = ({ collection, id }: Write): boolean => collection === "tool_logs" && id === poison.event.callId;
    const picky: Pick<RecordStore, "apply" | "aggregate"> = {
      aggregate: store.aggregate,
      async apply(writes) {
        if (!writes.some(isRefused)) return store.apply(writes);
        // Others may be taken all the same, and the block may be among what is not.
        await store.apply(writes.filter((write) => !isRefused(write) && write.collection !== "audit_blocks"));
        throw new Error("too large");
      },
    };
    const recorder = createRecorder({
      store: picky,
      signer: temporarySigner(),
      log: silentLog,
      onCheckpoint: () => {},
    });
    const handle = await aTracker(picky, { recorder });
    await handle({ ...aBatch(poison, good, aCompleted(good)), redelivered: 0 });
    await recorder.close();

    expect(await store.aggregate("dead_letters", [])).toMatchObject([{ reason: "the record refused it: too large" }]);
    expect(await store.aggregate("tool_logs", [])).toMatchObject([{ _id: good.event.callId }]);
    expect(await store.aggregate("governance_logs", [])).toHaveLength(2);
    const later = (): Date => new Date(Date.now() + 3_600_000);
    expect(await verify(storeSource(store, { isLive: false }), { now: later })).toMatchObject({
      findings: [],
      isIntact: true,
    });
  });
});
