import { randomUUID } from "node:crypto";
import { type Batch, canonicalJson, digestOf, type Published } from "@mcp-governance-bridge/shared";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aTracker } from "../../test/a-tracker.ts";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { anyCall, anyJson, batchesOf, scrambled } from "../../test/any-facts.ts";
import { aBatch, aCompleted, aDecided } from "../../test/builders.ts";
import { aSessionClosed, aSessionOpened } from "../../test/visits.ts";
import { toJsonText } from "../payload.ts";
import type { Collection, Document, RecordStore, Write } from "../record-store.ts";
import { toWrites } from "./to-writes.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

describe.each(recordStores(uri))("the record on %s", (_name, open, available) => {
  let store: RecordStore;
  let handle: (batch: Batch) => Promise<void>;
  beforeAll(async () => {
    if (!available) return;
    store = await open();
    handle = await aTracker(store);
  });
  afterAll(() => store?.close());

  const all = (collection: Collection, match: Document) => store.aggregate(collection, [{ $match: match }]);

  test.runIf(available)(
    "keeps documents that tell what each fact of them told, however often and in whatever order they come",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyCall, { maxLength: 4 }), scrambled, async (calls, scramble) => {
          const session = randomUUID();
          const facts = [...calls.flatMap((call) => call(session)), ...sessionFacts(session)];
          for (const batch of batchesOf(facts, scramble)) await handle(aBatch(...batch));
          const writes = toWrites(aBatch(...facts), new Date()).filter(({ fact }) => fact);
          for (const write of writes) expect(await toldBy(write)).toBe(tellingOf(write, write.set));
        }),
        { numRuns: 25 },
      );
    },
  );

  /** What the record tells of what the write told. */
  const toldBy = async (write: Write): Promise<string> => {
    const [document = {}] = await all(write.collection, { _id: write.id });
    return tellingOf(write, document);
  };

  test.runIf(available)("row 85: gives any JSON back equal, whatever MCP can carry", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyJson, { minLength: 1, maxLength: 20 }), async (texts) => {
        const calls = texts.map((text) => aDecided({ inputs: { text, size: text.length, truncated: false } }));
        await handle(aBatch(...calls));
        const kept = await all("tool_logs", { _id: { $in: calls.map(({ event }) => event.callId) } });
        const byId = new Map(kept.map((document) => [document._id, document]));
        for (const [index, text] of texts.entries()) {
          const { inputs, inputs_digest } = byId.get(calls[index]?.event.callId) ?? {};
          expect(JSON.parse(toJsonText(inputs))).toEqual(JSON.parse(text));
          expect(inputs_digest).toBe(inputs === null ? null : digestOf(toJsonText(inputs)));
        }
      }),
      { numRuns: 15 },
    );
  });

  test.runIf(available)("row 86: keeps the beginning and the true size of what is longer than a document", async () => {
    const text = JSON.stringify("ü".repeat(8_388_608));
    const decided = aDecided({ inputs: { text, size: text.length, truncated: false } });
    await handle(aBatch(decided, aCompleted(decided, { outputs: { text, size: text.length, truncated: false } })));
    const [kept] = await all("tool_logs", { _id: decided.event.callId });
    for (const payload of [kept?.inputs, kept?.outputs]) {
      const { _prefix, ...rest } = payload as { _prefix: string };
      expect(rest).toEqual({ _truncated: true, _original_size: text.length });
      expect(text.startsWith(_prefix) && _prefix.length > 200_000).toBe(true);
    }
  });
});

const sessionFacts = (sessionId: string): Published[] => [aSessionOpened({ sessionId }), aSessionClosed(sessionId)];

/** What these values say of the members that the write tells, as an auditor would digest it. */
function tellingOf({ set }: Write, values: Document): string {
  return canonicalJson(JSON.parse(JSON.stringify(Object.keys(set).map((name) => [name, values[name] ?? null]))));
}
