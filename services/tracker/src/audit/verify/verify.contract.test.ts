import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordStores } from "../../../test/adapters/record-stores.ts";
import { type AuditedRecord, fillRecord, restore, type Snapshot, snapshotOf } from "../../../test/an-audited-record.ts";
import { tamperings } from "../../../test/tampering.ts";
import type { RecordStore } from "../../record-store.ts";
import { storeSource } from "./store-source.ts";
import { verify } from "./verify.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

for (const [name, open, available] of recordStores(uri))
  describe.runIf(available)(`an honest record in ${name}`, () => {
    let store: RecordStore;
    let record: AuditedRecord;
    let honest: Snapshot;
    beforeAll(async () => {
      store = await open();
      record = await fillRecord(store);
      honest = await snapshotOf(store);
    });
    afterAll(() => store.close());
    const verified = () =>
      verify(storeSource(store, { isLive: false }), { now: record.clock.now, anchor: record.anchor });

    test("is intact after two replicas, a crash, a failed write, redelivery, restarts and late ends", async () => {
      const result = await verified();
      expect(result.findings).toEqual([]);
      expect(result).toMatchObject({ isIntact: true, pending: 0, keysFrom: "anchor" });
      expect(result.covered.partitions).toBeGreaterThanOrEqual(4);
      expect(result.covered.records).toMatchObject({ policy_revisions: 4, sessions: 5, record_reads: 5 });
    });

    test.each(Object.entries(tamperings))(
      "row 85: %s is found and named",
      { timeout: 120_000 },
      async (_what, tamper) => {
        const property = fc.asyncProperty(fc.infiniteStream(fc.nat()), async (numbers) => {
          const copy: Snapshot = new Map([...honest].map(([collection, documents]) => [collection, [...documents]]));
          const named = tamper(copy, (count) => (numbers.next().value ?? 0) % count);
          await restore(store, copy);
          const { isIntact, findings } = await verified();
          expect(isIntact).toBe(false);
          expect(findings).toContainEqual(expect.objectContaining(named));
        });
        await fc.assert(property, { numRuns: name === "LMDB" ? 15 : 2, endOnFailure: true });
        await restore(store, honest);
        expect((await verified()).findings).toEqual([]);
      },
    );
  });
