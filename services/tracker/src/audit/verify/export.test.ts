import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aLmdbStore } from "../../../test/adapters/record-stores.ts";
import { type AuditedRecord, fillRecord } from "../../../test/an-audited-record.ts";
import { writeExport } from "../../../test/an-export-file.ts";
import { START } from "../../../test/builders.ts";
import type { RecordStore } from "../../record-store.ts";
import { openExport } from "./export-source.ts";
import { verify } from "./verify.ts";

const FORMATS = ["ndjson", "json", "csv"] as const;
type Format = (typeof FORMATS)[number];

let store: RecordStore;
let record: AuditedRecord;
let folder: string;
beforeAll(async () => {
  store = await aLmdbStore();
  folder = await mkdtemp(join(tmpdir(), "export-"));
  record = await fillRecord(store);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const all = () => ({
  from: new Date(START),
  to: new Date(Date.parse(START) + 86_400_000),
  createdAt: record.clock.now(),
});

const fileOf = async (format: Format, range: Partial<Parameters<typeof writeExport>[2]> = {}): Promise<string> => {
  const file = join(folder, `export.${format}`);
  await writeExport(file, store, { format, ...all(), ...range });
  return file;
};
const verified = async (file: string) => {
  const { source } = await openExport(file);
  return verify(source, { now: record.clock.now, anchor: record.anchor });
};

describe.each(FORMATS)("an export as %s", (format) => {
  test("is intact as it was written", async () => {
    const result = await verified(await fileOf(format));
    expect(result.findings).toEqual([]);
    expect(result.covered.records.tool_logs).toBeGreaterThan(30);
  });

  test("is intact with every collection, and of a part of the time", async () => {
    const collections = ["policy_revisions", "sessions", "record_reads", "dead_letters", "retention_runs"] as const;
    const every = await fileOf(format, { collections: ["tool_logs", "governance_logs", ...collections] });
    expect((await verified(every)).findings).toEqual([]);
    for (const [from, to] of [
      [1_000, 3_000],
      [0, 2_500],
      [2_000, 700_000],
      [100_000, 200_000],
      [602_000, 86_400_000],
    ] as const) {
      const at = (ms: number) => new Date(Date.parse(START) + ms);
      const result = await verified(await fileOf(format, { from: at(from), to: at(to) }));
      expect([from, to, result.findings]).toEqual([from, to, []]);
    }
  });

  test("of one server proves what it holds, and says that it cannot prove what it leaves out", async () => {
    const result = await verified(await fileOf(format, { server: "weather" }));
    expect(result.findings).toEqual([]);
    const none = await verified(await fileOf(format, { server: "files" }));
    expect(none).toMatchObject({ isIntact: true, settled: { notProvable: expect.any(Number) } });
    expect(none.settled.notProvable).toBeGreaterThan(30);
  });

  test("that was made while a write was under way does not miss what came too late for it", async () => {
    const file = await fileOf(format, { createdAt: new Date(Date.parse(START) + 2_500) });
    const end = format === "csv" ? "\r\n" : "\n";
    const lines = (await readFile(file, "utf8")).split(end);
    const late = lines.filter((line) => /document_type"+:"+governance_log"/.test(line)).at(-1);
    await writeFile(file, lines.filter((line) => line !== late).join(end));
    const { findings, settled } = await verified(file);
    expect(findings).toEqual([]);
    // Whoever cuts an export where it says it was made hides nothing unseen: it says how much it does not prove.
    expect(settled.notProvable).toBeGreaterThan(0);
  });

  test("that is another file is refused", async () => {
    const file = join(folder, `other.${format}`);
    await writeFile(file, '{"a":1}\n');
    await expect(openExport(file)).rejects.toThrow("no export");
  });

  type Pick = (count: number) => number;
  type Attack = (lines: string[], pick: Pick) => string[];
  /** One of the lines of that type becomes others. */
  const edit =
    (type: string, change: (line: string) => string[]): Attack =>
    (lines, pick) => {
      const found = lines.flatMap((line, index) =>
        new RegExp(`document_type"+:"+${type}"`).test(line) ? [index] : [],
      );
      const at = found[pick(found.length)];
      return lines.flatMap((line, index) => (index === at ? change(line) : [line]));
    };
  const ATTACKS: Record<string, Attack> = {
    "a call left out": edit("tool_log", () => []),
    "a decision left out": edit("governance_log", () => []),
    "a call changed": edit("tool_log", (line) => [line.replaceAll(/("+)anonymous/g, "$1mallory")]),
    "a call there twice": edit("tool_log", (line) => [line, line]),
    "an input changed": edit("tool_log", (line) => [line.replace(/(inputs"+:\{"+\w+"+:)/, "$1 1")]),
    "an annotation changed": edit("governance_log", (line) => [line.replace(/(annotations"+:)/, '$1 7,"x":')]),
    "a block left out": edit("audit_block", () => []),
    "a block changed": edit("audit_block", (line) => [line.replace(/(prev"+:"+)./, "$1x")]),
    "a checkpoint changed": edit("audit_checkpoint", (line) => [line.replace(/(signature"+:"+)./, "$1-")]),
    "two blocks in another order": (lines, pick) => {
      const chainOf = (line = ""): string | undefined =>
        /document_type"+:"+audit_block"+,"+partition"+:"+([^"]+)/.exec(line)?.[1];
      const found = lines.flatMap((line, index) => {
        const chain = chainOf(line);
        return chain !== undefined && chain === chainOf(lines[index + 1]) ? [index] : [];
      });
      const at = found[pick(found.length)] ?? 0;
      return lines.with(at, lines[at + 1] ?? "").with(at + 1, lines[at] ?? "");
    },
  };

  test.each(Object.entries(ATTACKS))("with %s is found out", async (_what, attack) => {
    const file = await fileOf(format);
    const honest = await readFile(file, "utf8");
    const end = format === "csv" ? "\r\n" : "\n";
    const property = fc.asyncProperty(fc.nat(), async (number) => {
      const forged = attack(honest.split(end), (count) => number % count).join(end);
      expect(forged).not.toBe(honest);
      await writeFile(file, forged);
      expect((await verified(file)).isIntact).toBe(false);
    });
    await fc.assert(property, { numRuns: 8, endOnFailure: true });
  });
});
