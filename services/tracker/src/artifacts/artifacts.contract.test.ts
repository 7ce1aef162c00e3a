import { createHash, randomUUID } from "node:crypto";
import { silentLog } from "@mcp-governance-bridge/shared";
import { parse as parseCsv } from "csv-parse/sync";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { anArtifacts, anExport, finished, RANGE, seedCalls, textOf } from "../../test/artifacts.ts";
import { aBatch, aDecided, after } from "../../test/builders.ts";
import { now } from "../../test/writes.ts";
import { createBullJobQueue } from "../adapters/bullmq-job-queue.ts";
import { createTimerJobQueue } from "../adapters/timer-job-queue.ts";
import { coalesce } from "../coalesce.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { RecordStore } from "../record-store.ts";
import { toWrites } from "../records/to-writes.ts";
import type { Artifacts } from "./artifacts.ts";

const { MONGODB_URI, REDIS_URL } = process.env;
const CALLS = 1_200;

const timers = () => createTimerJobQueue({ log: silentLog });
const openQueue = (name: string): JobQueue =>
  name === "MongoDB" && REDIS_URL
    ? createBullJobQueue({ url: REDIS_URL, prefix: `artifacts-${randomUUID()}`, log: silentLog, lockMs: 1_000 })
    : timers();

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const ofType = (lines: readonly Record<string, unknown>[], type: string) =>
  lines.filter(({ document_type }) => document_type === type);

/** The store, with something around the keeping of pages. */
const withChunks = (store: RecordStore, around: (keep: () => Promise<void>) => Promise<void>): RecordStore => ({
  ...store,
  async apply(writes) {
    const isChunk = writes.some(({ collection }) => collection === "artifact_chunks");
    await (isChunk ? around(() => store.apply(writes)) : store.apply(writes));
  },
});

for (const [name, open, available] of recordStores(MONGODB_URI))
  describe.runIf(available)(`exports in ${name}`, () => {
    let store: RecordStore;
    let queue: JobQueue;
    let artifacts: Artifacts;

    beforeAll(async () => {
      store = await open();
      await seedCalls(store, CALLS);
    });
    afterAll(() => store.close());
    beforeEach(() => {
      queue = openQueue(name);
      artifacts = anArtifacts({ store, queue });
    });
    afterEach(() => queue.close());

    const exported = async (change = {}): Promise<string> => {
      const { _id: id } = await artifacts.orderExport(anExport(change));
      expect(await finished(artifacts, { kind: "export", _id: id })).toMatchObject({ status: "done", error: null });
      return textOf(artifacts, id);
    };

    test("row 146: an export has a header, every record of the range in order, and the chain", async () => {
      const order = await artifacts.orderExport(anExport());
      expect(order).toMatchObject({ status: "waiting", requested_by: "ada" });
      const done = await finished(artifacts, order);
      expect(done).toMatchObject({ status: "done", progress: { records: 2 * CALLS, fraction: 1 } });
      const text = await textOf(artifacts, order._id);
      const [file] = done.files;
      expect(file?.size).toBe(Buffer.byteLength(text));
      expect(file?.digest).toBe(createHash("sha256").update(text).digest("hex"));

      const lines = linesOf(text);
      expect(lines[0]).toEqual({
        document_type: "export",
        id: order._id,
        from: RANGE.from.toISOString(),
        to: RANGE.to.toISOString(),
        collections: ["tool_logs", "governance_logs"],
        filter: null,
        created_at: order.timestamp.toISOString(),
        public_keys: ["key"],
      });
      for (const type of ["tool_log", "governance_log"]) {
        const records = ofType(lines, type);
        expect(new Set(records.map(({ _id }) => _id)).size).toBe(CALLS);
        const times = records.map(({ timestamp }) => String(timestamp));
        expect(times).toEqual(times.toSorted());
      }
      expect(lines.slice(-3).map(({ document_type, seq }) => [document_type, seq])).toEqual([
        ["audit_block", 1],
        ["audit_block", 2],
        ["audit_checkpoint", 1],
      ]);
    });

    test("row 144: the three formats hold the same", async () => {
      const lines = linesOf(await exported({ format: "ndjson" }));
      const json = JSON.parse(await exported({ format: "json" }));
      const rows = parseCsv(await exported({ format: "csv" }), { columns: true }) as Record<string, string>[];
      const type = ({ document_type }: Record<string, unknown>) => String(document_type);
      const records = lines.filter((line) => /^(tool|governance)_log$/.test(type(line)));
      expect(json.records).toEqual(records);
      expect([...json.chain.blocks, ...json.chain.checkpoints]).toEqual(
        lines.filter((line) => /^audit/.test(type(line))),
      );
      expect(rows.map(({ record }) => JSON.parse(record ?? "")).slice(1)).toEqual(lines.slice(1));
      expect(rows.map(type)).toEqual(lines.map(type));
      const { outcome, principal, status } = records[0] as { outcome: { transport: string } } & Record<string, string>;
      expect(rows[1]).toMatchObject({ principal, status, transport: outcome.transport });
    });

    test("a filter leaves out what is of others, and the header says so", async () => {
      const lines = linesOf(await exported({ filters: { server_name: "files", principal: "ada" } }));
      expect(lines[0]?.filter).toEqual({ server_name: "files", principal: "ada" });
      const calls = ofType(lines, "tool_log");
      expect(calls).toHaveLength(CALLS / 6);
      expect(calls.every(({ server_name, principal }) => server_name === "files" && principal === "ada")).toBe(true);
    });

    test("a range ends before its end, and an empty one has nothing but header and chain", async () => {
      const some = linesOf(await exported({ from: new Date(after(100)), to: new Date(after(200)) }));
      expect(ofType(some, "tool_log").map(({ timestamp }) => timestamp)).toEqual(
        Array.from({ length: 10 }, (_, n) => after(100 + n * 10)),
      );
      const none = { from: new Date("2020-01-01"), to: new Date("2020-01-02") };
      expect(linesOf(await exported(none))).toHaveLength(4);
      expect(JSON.parse(await exported({ ...none, format: "json" })).records).toEqual([]);
    });

    test("nothing is left of an export that is cancelled while a page of it is kept", async () => {
      let id = "";
      let pages = 0;
      const cancelling = withChunks(store, async (keep) => {
        pages += 1;
        if (pages === 2) await artifacts.cancel("export", id);
        await keep();
      });
      const other = timers();
      const making = anArtifacts({ store: cancelling, queue: other });
      ({ _id: id } = await making.orderExport(anExport()));
      await vi.waitFor(async () => expect(await other.status()).toMatchObject({ active: 0, waiting: 0, delayed: 0 }), {
        timeout: 10_000,
      });
      await other.close();
      expect(pages).toBeGreaterThan(1);
      expect(await artifacts.find("export", id)).toMatchObject({ status: "cancelled", files: [] });
      expect(
        await store.aggregate("artifact_chunks", [{ $match: { artifact: id } }, { $project: { _id: 1 } }]),
      ).toEqual([]);
    });

    test("an export goes on after the page that was kept last, and is as if nothing had happened", async () => {
      const expected = linesOf(await exported());
      let chunks = 0;
      const failing = withChunks(store, async (keep) => {
        chunks += 1;
        // Once before a page is kept, and once after, when whoever wrote it does not hear of it.
        if (chunks === 2) throw new Error("lost");
        await keep();
        if (chunks === 4) throw new Error("lost");
      });
      const others = timers();
      const again = anArtifacts({ store: failing, queue: others });
      const order = await again.orderExport(anExport());
      expect(await finished(again, order)).toMatchObject({ status: "done", progress: { records: 2 * CALLS } });
      await others.close();
      expect(chunks).toBeGreaterThan(4);
      expect(linesOf(await textOf(artifacts, order._id)).slice(1)).toEqual(expected.slice(1));
    });

    test("two processes at one export make one whole", async () => {
      const others = timers();
      const two = anArtifacts({ store, queue: others });
      const order = await artifacts.orderExport(anExport());
      await others.add("artifact-export", { id: order._id });
      await finished(two, order);
      await others.close();
      const lines = linesOf(await textOf(artifacts, order._id));
      expect(new Set(lines.map(({ _id }) => _id)).size).toBe(lines.length);
      expect(lines).toHaveLength(2 * CALLS + 4);
    });

    test("hostile records are exported as they are, and no cell of a spreadsheet is a formula", async () => {
      const at = new Date("2026-04-01T00:00:00.000Z");
      const target = '=HYPERLINK("http://evil","x")\r\n<script>alert(1)</script>';
      const inputs = {
        text: '{"n":9007199254740993,"x":1.10,"s":"\\ud800","a.b":{"$c":[]}}',
        size: 9,
        truncated: false,
      };
      const hostile = aDecided({
        startedAt: at.toISOString(),
        at: at.toISOString(),
        target,
        principal: "@SUM(1)",
        inputs,
      });
      await store.apply(coalesce(toWrites(aBatch(hostile), now)));
      const range = { from: at, to: new Date(at.getTime() + 1) };
      const csv = await exported({ ...range, format: "csv" });
      const rows = parseCsv(csv, { columns: true }) as Record<string, string>[];
      expect(rows[1]).toMatchObject({ tool_name: `'${target}`, principal: "'@SUM(1)" });
      for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      expect(JSON.parse(rows[1]?.record ?? "")).toMatchObject({ tool_name: target, principal: "@SUM(1)" });
      expect(rows[1]?.record).toContain(`"inputs":${inputs.text}`);
      expect(await exported({ ...range, format: "ndjson" })).toContain(`"inputs":${inputs.text}`);
    });

    test("a record of many megabytes is one of several pieces", async () => {
      const at = "2026-05-01T00:00:00.000Z";
      const text = JSON.stringify({ long: "😀x".repeat(1_300_000) });
      const huge = aDecided({ startedAt: at, at, inputs: { text, size: text.length, truncated: false } });
      await store.apply(coalesce(toWrites(aBatch(huge), now)));
      const range = { from: new Date(at), to: new Date(Date.parse(at) + 1) };
      const lines = linesOf(await exported({ ...range, format: "ndjson", collections: ["tool_logs"] }));
      expect(lines[1]?.inputs).toEqual(JSON.parse(text));
      const { _id: id } = await artifacts.orderExport(
        anExport({ ...range, format: "csv", collections: ["tool_logs"] }),
      );
      await finished(artifacts, { kind: "export", _id: id });
      const sizes: number[] = [];
      for await (const piece of (await artifacts.open("export", id, "download")).text) sizes.push(piece.length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(4_000_000);
    });

    test("one that is cancelled ends, and nothing is left but that it was ordered", async () => {
      const others = timers();
      const cancelOnce = vi.fn(() => artifacts.cancel("export", order._id));
      const cancelling = anArtifacts({
        queue: others,
        store: withChunks(store, async (keep) => {
          await keep();
          if (cancelOnce.mock.calls.length === 0) await cancelOnce();
        }),
      });
      const order = await cancelling.orderExport(anExport());
      await finished(cancelling, order);
      await vi.waitFor(async () => expect(await others.status()).toMatchObject({ active: 0, waiting: 0 }));
      await others.close();
      expect(await artifacts.find("export", order._id)).toMatchObject({ status: "cancelled", files: [] });
      await expect(artifacts.open("export", order._id, "download")).rejects.toMatchObject({
        code: "artifact.unfinished",
      });
      await artifacts.cancel("export", order._id);
      expect(await store.aggregate("artifact_chunks", [{ $match: { artifact: order._id } }])).toEqual([]);
    });

    test("what was ordered while the queue was away, or was lost with it, is made when there is one", async () => {
      await queue.close();
      const nobody = { define: () => {}, every: () => {}, add: () => Promise.reject(new Error("away")) };
      const order = await anArtifacts({ store, queue: nobody }).orderExport(anExport({ to: new Date(after(50)) }));
      const others = timers();
      const later = anArtifacts({ store, queue: others });
      expect(await finished(later, order)).toMatchObject({ status: "done" });
      await others.close();
    });

    test("one that cannot be made says why", async () => {
      const others = timers();
      const once: Pick<JobQueue, "define" | "add" | "every"> = {
        define: (kind, definition) => others.define(kind, { ...definition, attempts: 1 }),
        add: (kind, job) => others.add(kind, job),
        every: () => {},
      };
      const failing = anArtifacts({ store, queue: once });
      const order = await failing.orderReport({ ...RANGE, by: "ada" });
      expect(await finished(failing, order)).toMatchObject({ status: "failed", error: "no report here" });
      await expect(failing.open("report", order._id, "html")).rejects.toThrow("has failed: no report here");
      await others.close();
    });

    test("no more than twenty wait", async () => {
      await queue.close();
      const idle = { define: () => {}, every: () => {}, add: async () => {} };
      const waiting = anArtifacts({ store, queue: idle });
      const orders = [];
      for (let n = 0; n < 20; n += 1) orders.push(await waiting.orderExport(anExport()));
      await expect(waiting.orderExport(anExport())).rejects.toMatchObject({ code: "artifact.queue_full" });
      for (const { _id: id } of orders) await waiting.cancel("export", id);
    });

    test("what nobody ordered is not there", async () => {
      await expect(artifacts.find("export", randomUUID())).rejects.toMatchObject({ code: "record.unknown" });
      const { _id: id } = await artifacts.orderExport(anExport({ to: new Date(after(1)) }));
      await expect(artifacts.find("report", id)).rejects.toMatchObject({ code: "record.unknown" });
      await finished(artifacts, { kind: "export", _id: id });
    });
  });
