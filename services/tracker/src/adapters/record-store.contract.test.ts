import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { encodeJson, toJsonText } from "../payload.ts";
import type { Document, RecordStore, Write } from "../record-store.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

describe.each(recordStores(uri))("the record in %s", (_name, open, available) => {
  let store: RecordStore;
  beforeAll(async () => {
    if (available) store = await open();
  });
  afterAll(() => store?.close());

  const aWrite = (set: Document, more: Partial<Write> = {}): Write => ({
    collection: "tool_logs",
    id: randomUUID(),
    set,
    ...more,
  });
  const read = async ({ collection, id }: Write) => (await store.aggregate(collection, [{ $match: { _id: id } }]))[0];
  const newestFirst = { $sort: { timestamp: -1, _id: -1 } };

  test.runIf(available)("gives back what it was given", async () => {
    const deep = encodeJson(`${'{"a":['.repeat(25)}1${"]}".repeat(25)}`);
    const set = {
      timestamp: new Date("2026-03-01T10:00:00.123Z"),
      end_time: null,
      empty: {},
      none: [],
      text: "Zürich 😀 \0 end",
      numbers: [0, 1.5, 2 ** 40, -(2 ** 31), Number.MAX_SAFE_INTEGER],
      flag: false,
      deep,
    };
    const write = aWrite(set);
    await store.apply([write]);
    expect(await read(write)).toEqual({ ...set, _id: write.id });
  });

  test.runIf(available)("keeps payloads that BSON cannot hold, digit by digit", async () => {
    const text = '{"a.b":1,"$set":{"":9223372036854775807},"__proto__":{"x":1.10},"s":"\\ud800"}';
    const write = aWrite({ inputs: encodeJson(text) });
    await store.apply([write]);
    expect(toJsonText((await read(write))?.inputs)).toBe(text);
  });

  test.runIf(available)("keeps 5 MB of arguments and 5 MB of results in one document", async () => {
    const text = JSON.stringify({ data: "x".repeat(5_000_000) });
    const write = aWrite({ inputs: encodeJson(text), outputs: encodeJson(text) });
    await store.apply([write]);
    expect(toJsonText((await read(write))?.outputs)).toBe(text);
  });

  test.runIf(available)(
    "merges what comes later into what is there, and what is for new documents only once",
    async () => {
      const first = aWrite({ a: { x: 1 } }, { setOnInsert: { status: "pending", stored: 1 } });
      await store.apply([first]);
      await store.apply([{ ...first, set: { a: { y: 2 }, status: "success" }, setOnInsert: { stored: 2 } }]);
      expect(await read(first)).toEqual({ _id: first.id, a: { y: 2 }, status: "success", stored: 1 });
    },
  );

  test.runIf(available)("does not let an older fact overwrite a newer one", async () => {
    const fact = (at: number, state: string): Write => ({
      collection: "deployments",
      id: "hybrid",
      set: { state, setup_time: new Date(at) },
      setOnInsert: { stored: 1 },
      since: { field: "setup_time", at: new Date(at) },
    });
    await store.apply([fact(2, "newer")]);
    await store.apply([fact(1, "older")]);
    expect(await read(fact(1, ""))).toMatchObject({ state: "newer", setup_time: new Date(2), stored: 1 });
    await store.apply([fact(2, "same time, told later")]);
    expect(await read(fact(1, ""))).toMatchObject({ state: "same time, told later" });
  });

  test.runIf(available)("merges writes of one document that come at the same time", async () => {
    const id = randomUUID();
    const members = Array.from({ length: 20 }, (_, index) => `m${index}`);
    await Promise.all(members.map((name) => store.apply([aWrite({ [name]: 1 }, { id })])));
    expect(Object.keys((await read(aWrite({}, { id }))) ?? {}).sort()).toEqual(["_id", ...members].sort());
  });

  test.runIf(available)("answers the newest first, filtered, within a time and up to a limit", async () => {
    const session = randomUUID();
    const writes = Array.from({ length: 50 }, (_, index) =>
      aWrite(
        { session_id: session, n: index, even: index % 2 === 0, timestamp: new Date(1_000 + Math.floor(index / 2)) },
        { id: `${session}/${String(index).padStart(2, "0")}` },
      ),
    );
    await store.apply(writes.toReversed());
    const ask = async (match: Document, ...stages: Document[]) =>
      (await store.aggregate("tool_logs", [{ $match: { session_id: session, ...match } }, ...stages])).map(
        ({ n }) => n,
      );

    expect(await ask({}, newestFirst, { $limit: 3 })).toEqual([49, 48, 47]);
    expect(await ask({ even: true }, newestFirst, { $limit: 3 })).toEqual([48, 46, 44]);
    const within = { timestamp: { $gte: new Date(1_002), $lt: new Date(1_004) } };
    expect(await ask(within, newestFirst)).toEqual([7, 6, 5, 4]);
    expect(await ask({ timestamp: { $gt: new Date(1_023) } }, newestFirst)).toEqual([49, 48]);
    expect(await ask({}, { $sort: { n: 1 } }, { $limit: 2 })).toEqual([0, 1]);
    expect(await ask({ n: { $in: [7, 3] } }, { $sort: { n: 1 } })).toEqual([3, 7]);
  });

  test.runIf(available)("answers groups and counts", async () => {
    const session = randomUUID();
    const status = (value: string) => aWrite({ session_id: session, status: value, timestamp: new Date(5) });
    await store.apply([status("success"), status("denied"), status("success")]);
    const answer = await store.aggregate("tool_logs", [
      { $match: { session_id: session } },
      { $group: { _id: "$status", calls: { $sum: 1 } } },
      { $sort: { calls: -1 } },
    ]);
    expect(answer).toEqual([
      { _id: "success", calls: 2 },
      { _id: "denied", calls: 1 },
    ]);
  });

  test.runIf(available)("finds a document by its id, if it is all else that is asked", async () => {
    const write = aWrite({ status: "denied", timestamp: new Date(7) });
    await store.apply([write, aWrite({ status: "denied" })]);
    const ask = async (match: Document) => (await store.aggregate("tool_logs", [{ $match: match }])).length;
    expect(await ask({ _id: write.id })).toBe(1);
    expect(await ask({ _id: write.id, status: "success" })).toBe(0);
    expect(await ask({ _id: randomUUID() })).toBe(0);
  });

  test.runIf(available)("counts what lists of documents hold", async () => {
    const session = randomUUID();
    const found = (...rules: string[]) => aWrite({ session_id: session, shadows: rules.map((rule) => ({ rule })) });
    await store.apply([found("a", "b"), found("a"), found()]);
    const answer = await store.aggregate("tool_logs", [
      { $match: { session_id: session } },
      { $unwind: "$shadows" },
      { $group: { _id: { rule: "$shadows.rule" }, denials: { $sum: 1 } } },
      { $sort: { denials: -1 } },
      { $project: { _id: 0, rule: "$_id.rule", denials: 1 } },
    ]);
    expect(answer).toEqual([
      { rule: "a", denials: 2 },
      { rule: "b", denials: 1 },
    ]);
  });

  test.runIf(available)("finds a document under its new time only", async () => {
    const write = aWrite({ session_id: randomUUID(), timestamp: new Date(100) });
    await store.apply([write]);
    await store.apply([{ ...write, set: { timestamp: new Date(200) } }]);
    const { session_id } = write.set;
    const found = await store.aggregate("tool_logs", [{ $match: { session_id } }, newestFirst]);
    expect(found.map(({ timestamp }) => timestamp)).toEqual([new Date(200)]);
    const before = { timestamp: { $lt: new Date(150) } };
    expect(await store.aggregate("tool_logs", [{ $match: { session_id, ...before } }, newestFirst])).toEqual([]);
  });

  test.runIf(available)("does nothing for nothing", async () => {
    await store.apply([]);
    expect(await store.aggregate("dead_letters", [])).toEqual([]);
  });
});
