import { afterEach, beforeEach, expect, test } from "vitest";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { aBatch, aCatalogue, after } from "../../test/builders.ts";
import type { RecordStore } from "../record-store.ts";
import { toWrites } from "../records/to-writes.ts";
import { retireAbsent } from "../rosters.ts";
import { policyRevision } from "./policy-revision.ts";
import { toolCatalogue } from "./tool-catalogue.ts";

let store: RecordStore;
beforeEach(async () => {
  store = await aLmdbStore();
});
afterEach(() => store.close());

const keep = async (...events: Parameters<typeof aBatch>) => {
  const writes = toWrites(aBatch(...events), new Date());
  await store.apply(writes);
  await retireAbsent(store, writes);
};

test("the catalogue has what each server offers, and knows servers that offer nothing", async () => {
  const first = aCatalogue(after(0), "weather", ["forecast", "alarm"]);
  const annotations = { readOnlyHint: true };
  const definition = JSON.stringify({ name: "forecast", inputSchema: { a: 1 }, outputSchema: { b: 1 }, annotations });
  const [forecast] = first.event.tools;
  const tools = forecast ? [{ ...forecast, definition }] : [];
  await keep(first);
  await keep({ ...first, event: { ...first.event, at: after(1), tools } }, aCatalogue(after(0), "mail", []));
  expect(await toolCatalogue(store)).toEqual(
    new Map([
      ["weather", [{ name: "forecast", inputSchema: { a: 1 }, outputSchema: { b: 1 }, annotations }]],
      ["mail", []],
    ]),
  );
});

test("a tool whose definition nobody can read has a name and nothing else", async () => {
  const { subject, event } = aCatalogue(after(0), "weather", ["forecast"]);
  await keep({ subject, event: { ...event, tools: event.tools.map((tool) => ({ ...tool, definition: "{" })) } });
  const nothing = { inputSchema: undefined, outputSchema: undefined, annotations: undefined };
  expect((await toolCatalogue(store)).get("weather")).toEqual([{ name: "forecast", ...nothing }]);
});

test("a revision that is not on record has no document", async () => {
  expect(await policyRevision(store, "r1-0123456789ab")).toBeUndefined();
});
