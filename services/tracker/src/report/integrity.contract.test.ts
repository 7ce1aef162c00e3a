import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@mcp-governance-bridge/shared";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { aBatch, aCompleted, aDecided, aDenied } from "../../test/builders.ts";
import { loadSigner } from "../audit/signer.ts";
import type { RecordStore } from "../record-store.ts";
import { createRecorder } from "../recorder.ts";
import { toWrites } from "../records/to-writes.ts";
import { checkIntegrity } from "./integrity.ts";

const { signal } = new AbortController();

for (const [name, open, available] of recordStores(process.env.MONGODB_URI))
  describe.runIf(available)(`the check of integrity in a report, in ${name}`, () => {
    let store: RecordStore;
    let folder: string;
    const decided = aDecided();

    beforeAll(async () => {
      store = await open();
      folder = await mkdtemp(join(tmpdir(), "integrity-"));
      const signer = await loadSigner({ file: join(folder, "key.pem") });
      const recorder = createRecorder({ store, signer, log: silentLog, onCheckpoint: () => {} });
      await recorder.record(toWrites(aBatch(decided, aCompleted(decided), aDenied()), new Date()));
      await recorder.close();
    });
    afterAll(async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    });

    test("finds a record that nobody touched intact, and says what was looked at", async () => {
      const integrity = await checkIntegrity(store, signal);
      expect(integrity).toMatchObject({
        intact: true,
        findings: [],
        findings_total: 0,
        partitions: 1,
        keys_from: "record",
      });
      expect(integrity.records).toBeGreaterThanOrEqual(4);
      expect(integrity.keys).toEqual([integrity.newest_checkpoint?.key_id]);
      expect(integrity.from).toBeInstanceOf(Date);
    });

    test("names a call that somebody changed", async () => {
      const { callId: id } = decided.event;
      await store.apply([{ collection: "tool_logs", id, set: { principal: "mallory" } }]);
      const { intact, findings } = await checkIntegrity(store, signal);
      expect(intact).toBe(false);
      expect(findings).toContainEqual(expect.objectContaining({ kind: "changed", collection: "tool_logs", id }));
    });

    test("is left off when the signal says so", async () => {
      await expect(checkIntegrity(store, AbortSignal.abort(new Error("stopping")))).rejects.toThrow("stopping");
    });
  });
