import { silentLog } from "@mcp-governance-bridge/shared";
import { RecordSettings } from "@mcp-governance-bridge/shared/configuration";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { type AuditedRecord, aCallAt, aReplica, fillRecord } from "../../test/an-audited-record.ts";
import { aBatch, aCompleted } from "../../test/builders.ts";
import { storeSource } from "../audit/verify/store-source.ts";
import { verify } from "../audit/verify/verify.ts";
import type { RecordStore } from "../record-store.ts";
import type { RunningRecorder } from "../recorder.ts";
import { FACTS } from "../records/facts.ts";
import { toWrites } from "../records/to-writes.ts";
import { createRetention } from "./retention.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

const DAY_MS = 86_400_000;
const RECORDED = Object.keys(FACTS) as (keyof typeof FACTS)[];
const { signal } = new AbortController();

for (const [name, open, available] of recordStores(uri))
  describe.runIf(available)(`retention in ${name}`, () => {
    let store: RecordStore;
    let record: AuditedRecord;
    let recorder: RunningRecorder;
    beforeEach(async () => {
      store = await open();
      record = await fillRecord(store, { calls: 3 });
      recorder = aReplica({ store, signer: record.signer, clock: record.clock });
    });
    afterEach(async () => {
      await recorder.close();
      await store.close();
    });

    const findings = async (anchor = record.anchor) => {
      const { clock } = record;
      return (await verify(storeSource(store, { isLive: false }), { now: clock.now, anchor })).findings;
    };
    const run = async (days: Partial<RecordSettings["retention"]>) => {
      const { retention } = RecordSettings.parse({ retention: days });
      await createRetention({
        ...{ store, recorder, log: silentLog },
        retention: () => retention,
        now: record.clock.now,
      }).run(signal);
    };
    const idsOf = async (collection: keyof typeof FACTS) =>
      (await store.aggregate(collection, [{ $sort: { timestamp: 1 } }, { $project: { _id: 1 } }])).map(({ _id }) =>
        String(_id),
      );
    const aCallNow = async () => {
      const decided = aCallAt(record.clock);
      await recorder.record(toWrites(aBatch(decided, aCompleted(decided)), record.clock.now()));
      return decided.event.callId;
    };

    test("without limits says and removes nothing", async () => {
      await run({});
      expect(await store.aggregate("retention_runs", [])).toEqual([]);
      expect(await findings()).toEqual([]);
    });

    test("row 86: takes inputs and outputs away earlier than the rest, and the record proves why", async () => {
      record.clock.pass(11 * DAY_MS);
      const young = await aCallNow();
      await run({ payloads: 10 });
      const calls = await store.aggregate("tool_logs", []);
      for (const call of calls) {
        const isOld = call._id !== young;
        expect(call.payloads_expired).toBe(isOld ? true : undefined);
        expect(call.inputs === null).toBe(isOld);
        expect(call.inputs_digest).toMatch(/^[0-9a-f]{64}$/);
      }
      expect(await findings()).toEqual([]);

      await store.apply([{ collection: "tool_logs", id: young, set: { inputs: null, payloads_expired: true } }]);
      expect(await findings()).toMatchObject([{ kind: "changed", id: young }]);
    });

    test("lets documents go that a tombstone names, and no younger one", async () => {
      record.clock.pass(31 * DAY_MS);
      const young = await aCallNow();
      await run({ tool_logs: 30, sessions: 30 });
      const old = (await idsOf("tool_logs")).filter((id) => id !== young);
      await store.remove("tool_logs", old.slice(0, 5));
      await store.remove("sessions", await idsOf("sessions"));
      expect(await findings()).toEqual([]);

      await store.remove("tool_logs", [young]);
      expect(await findings()).toMatchObject(
        [{ part: "decided" }, { part: "completed" }].map((part) => ({ kind: "removed", id: young, ...part })),
      );
    });

    test("believes a database that forgets while no tracker runs, until a run says otherwise", async () => {
      record.clock.pass(20 * DAY_MS);
      await run({ tool_logs: 30 });
      record.clock.pass(11 * DAY_MS);
      const [first = ""] = await idsOf("tool_logs");
      await store.remove("tool_logs", [first]);
      expect(await findings()).toEqual([]);
      await run({});
      expect(await findings()).toContainEqual(expect.objectContaining({ kind: "removed", id: first }));
    });

    test("believes no tombstone that the chain does not tell of", async () => {
      record.clock.pass(DAY_MS);
      await recorder.close();
      const before = record.clock.now();
      const forged = { timestamp: before, expired: [{ collection: "tool_logs", before, days: null }], chains: [] };
      await store.apply([
        {
          collection: "retention_runs",
          id: "forged",
          set: { ...forged, payloads_before: null, document_type: "retention_run", stored_at: before },
        },
      ]);
      const [first = ""] = await idsOf("tool_logs");
      await store.remove("tool_logs", [first]);
      record.clock.pass(DAY_MS);
      expect(new Set((await findings()).map(({ kind, id }) => `${kind} ${id}`))).toEqual(
        new Set(["inserted forged", `removed ${first}`]),
      );
    });

    test("removes the audit trail of what is gone, and what is left hangs on the tombstone", async () => {
      const days = Object.fromEntries(RECORDED.map((collection) => [collection, 30]));
      record.clock.pass(32.5 * DAY_MS);
      await aCallNow();
      record.clock.pass(1_000);
      for (const collection of RECORDED) {
        const old = await store.aggregate(collection, [
          { $match: { timestamp: { $lt: new Date(record.clock.now().getTime() - 30 * DAY_MS) } } },
        ]);
        await store.remove(
          collection,
          old.map(({ _id }) => String(_id)),
        );
      }
      const blocks = await store.aggregate("audit_blocks", []);
      await run(days);
      expect((await store.aggregate("audit_blocks", [])).length).toBeLessThan(blocks.length);
      expect(await findings([])).toEqual([]);
      expect(await findings()).toEqual([]);

      record.clock.pass(40 * DAY_MS);
      const young = await aCallNow();
      await run(days);
      await store.remove(
        "tool_logs",
        (await idsOf("tool_logs")).filter((id) => id !== young),
      );
      await store.remove("governance_logs", (await idsOf("governance_logs")).slice(0, 1));
      expect((await findings()).filter(({ kind }) => kind !== "removed")).toEqual([]);
      const [{ _id: first } = { _id: "" }] = await store.aggregate("audit_blocks", [{ $sort: { timestamp: 1 } }]);
      await store.remove("audit_blocks", [String(first)]);
      expect((await findings()).length).toBeGreaterThan(0);
    });
  });
