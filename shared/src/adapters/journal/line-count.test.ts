import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { anEvent, SUBJECT } from "../../../test/an-event.ts";
import { silentLog } from "../../log.ts";
import { encodeLines, toLine } from "./entry.ts";
import { createLineCount } from "./line-count.ts";
import { readBatch } from "./reader.ts";
import { openSegments } from "./segments.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "line-count-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A journal with a consumer, and what the count ought to be. */
function aJournal() {
  const folder = mkdtempSync(join(directory, "run-"));
  const segments = openSegments({ directory: folder, log: silentLog, segmentBytes: 500 });
  const count = createLineCount(segments, 0);
  let [waiting, at] = [0, 0];

  return {
    append(lines: number, told: boolean): void {
      const all = Array.from({ length: lines }, () => toLine({ subject: SUBJECT, event: anEvent() }));
      const { data, entries } = encodeLines(all);
      segments.append(data);
      if (told) count.added(entries);
      waiting += lines;
    },
    async take(max: number): Promise<void> {
      const asking = count.total();
      const { batch, next } = await readBatch(segments, at, Math.min(max, waiting));
      count.taken(batch.events.length, next);
      waiting -= batch.events.length;
      at = next;
      await asking;
    },
    async check(): Promise<void> {
      expect(await count.total()).toBe(waiting);
    },
  };
}
type Journal = ReturnType<typeof aJournal>;

const few = fc.integer({ min: 1, max: 9 });
const steps = fc.array(
  fc.oneof(
    fc.tuple(few, fc.boolean()).map(
      ([lines, told]) =>
        async (journal: Journal) =>
          journal.append(lines, told),
    ),
    few.map((max) => (journal: Journal) => journal.take(max)),
    fc.constant((journal: Journal) => journal.check()),
  ),
  { maxLength: 40 },
);

test("the lines between consumer and end are counted, whatever was told and when it is asked", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const journal = aJournal();
      for (const step of script) await step(journal);
      await journal.check();
    }),
    { numRuns: 100 },
  );
});
