import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordStores } from "../../test/adapters/record-stores.ts";
import type { Document, RecordStore, Write } from "../record-store.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

describe.each(recordStores(uri))("writes to the record in %s", (_name, open, available) => {
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
  const read = async ({ id }: Pick<Write, "id">) => (await store.aggregate("tool_logs", [{ $match: { _id: id } }]))[0];

  test.runIf(available)("make one document of two facts, whichever comes first, and however often", async () => {
    const decided = { set: { who: "ada", status: "pending" }, setOnInsert: { stored: 1, end: null } };
    const completed = { set: { end: 2, status: "success" }, setOnInsert: { stored: 2, who: "somebody" } };
    for (const order of [
      [decided, completed],
      [completed, decided],
      [decided, decided, completed, completed],
    ]) {
      const id = randomUUID();
      const told = order.map(({ set, setOnInsert }) => aWrite(set, { id, setOnInsert }));
      for (const write of told) await store.apply([write]);
      expect(await read({ id })).toEqual({
        _id: id,
        who: "ada",
        end: 2,
        status: order.at(-1)?.set.status,
        stored: order[0]?.setOnInsert.stored,
      });
    }
  });

  test.runIf(available)("make one document of writes that come together", async () => {
    const id = randomUUID();
    const parts = Array.from({ length: 40 }, (_, index) =>
      aWrite({ [`m${index}`]: index }, { id, ...(index % 2 === 0 && { setOnInsert: { stored: 1 } }) }),
    );
    await Promise.all([store.apply(parts.slice(0, 20)), store.apply(parts.slice(20))]);
    const document = await read({ id });
    expect(Object.keys(document ?? {}).filter((name) => /^m\d+$/.test(name))).toHaveLength(40);
  });

  test.runIf(available)("with nothing but members of a new document leave one alone that is there", async () => {
    const first = aWrite({}, { setOnInsert: { seq: 1, hash: "a" } });
    await store.apply([first]);
    await store.apply([{ ...first, setOnInsert: { seq: 2, hash: "b" } }, aWrite({ n: 1 })]);
    expect(await read(first)).toEqual({ _id: first.id, seq: 1, hash: "a" });
  });

  test.runIf(available)("on a condition change what meets it, and never make a document", async () => {
    const write = aWrite({ status: "waiting", at: new Date(5), note: null });
    await store.apply([write]);
    const onlyIf = (condition: Document, set: Document): Promise<void> =>
      store.apply([{ ...write, set, onlyIf: condition }]);
    await onlyIf({ status: "running" }, { status: "done" });
    expect(await read(write)).toMatchObject({ status: "waiting" });
    await onlyIf({ status: "waiting", at: new Date(5) }, { status: "running" });
    expect(await read(write)).toMatchObject({ status: "running" });
    await onlyIf({ note: null, missing: null }, { note: "seen" });
    expect(await read(write)).toMatchObject({ note: "seen" });
    const nothing = aWrite({ status: "done" }, { onlyIf: { status: "waiting" } });
    await store.apply([nothing]);
    expect(await read(nothing)).toBeUndefined();
  });

  test.runIf(available)("on one condition have one winner", async () => {
    const job = aWrite({ status: "waiting" });
    await store.apply([job]);
    const claim = (by: string) => store.apply([{ ...job, set: { status: by }, onlyIf: { status: "waiting" } }]);
    await Promise.all(Array.from({ length: 10 }, (_, index) => claim(`worker-${index}`)));
    expect((await read(job))?.status).toMatch(/^worker-\d$/);
    await claim("late");
    expect((await read(job))?.status).not.toBe("late");
  });

  test.runIf(available)("of every kind may come in one batch, with what is there and what is not", async () => {
    const there = aWrite({ n: 1 }, { setOnInsert: { stored: 1 } });
    await store.apply([there]);
    const created = aWrite({ n: 1 }, { setOnInsert: { stored: 1 } });
    const older = aWrite({ at: new Date(1) }, { since: { field: "at", at: new Date(1) } });
    const newer = { ...older, set: { at: new Date(2) }, since: { field: "at", at: new Date(2) } };
    await store.apply([newer]);
    await store.apply([
      { ...there, set: { n: 2 }, setOnInsert: { stored: 2 } },
      { ...there, set: {}, setOnInsert: { stored: 3 } },
      created,
      older,
      { ...there, set: { claimed: true }, onlyIf: { stored: 1 } },
      { ...aWrite({ server: "a" }), collection: "governance_logs" },
    ]);
    expect(await read(there)).toEqual({ _id: there.id, n: 2, stored: 1, claimed: true });
    expect(await read(created)).toEqual({ _id: created.id, n: 1, stored: 1 });
    expect(await read(older)).toEqual({ _id: older.id, at: new Date(2) });
  });

  test.runIf(available)("remove documents, and what they leave finds no one", async () => {
    const session_id = randomUUID();
    const writes = Array.from({ length: 5 }, (_, n) => aWrite({ session_id, n, timestamp: new Date(n) }));
    await store.apply(writes);
    await store.remove("tool_logs", [...writes.slice(0, 3).map(({ id }) => id), randomUUID()]);
    await store.remove("tool_logs", []);
    const stages = [{ $match: { session_id } }, { $sort: { timestamp: 1, _id: 1 } }, { $limit: 10 }];
    expect((await store.aggregate("tool_logs", stages)).map(({ n }) => n)).toEqual([3, 4]);
    const [again] = writes;
    if (again) await store.apply([{ ...again, set: { session_id, n: 9, timestamp: new Date(9) } }]);
    expect((await store.aggregate("tool_logs", stages)).map(({ n }) => n)).toEqual([3, 4, 9]);
  });

  test.runIf(available)("show in the status of the store", async () => {
    const before = await store.status();
    await store.apply(Array.from({ length: 200 }, (_, n) => aWrite({ n }, { collection: "record_reads" })));
    const { bytes, indexes, documents } = await store.status();
    expect(bytes).toBeGreaterThan(0);
    expect(indexes).toBeGreaterThan(20);
    expect((documents.record_reads ?? 0) - (before.documents.record_reads ?? 0)).toBe(200);
    expect(documents.servers).toBe(0);
  });
});
