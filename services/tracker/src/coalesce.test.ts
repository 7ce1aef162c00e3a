import { expect, test } from "vitest";
import { coalesce } from "./coalesce.ts";
import type { Write } from "./record-store.ts";

const aWrite = (change: Partial<Write>): Write => ({ collection: "tool_logs", id: "a", set: {}, ...change });

test("writes of one document become one, in which the later sets", () => {
  const first = aWrite({ set: { a: 1 }, setOnInsert: { status: "pending", stored: 1 } });
  const second = aWrite({ set: { status: "success" }, setOnInsert: { stored: 2 } });
  expect(coalesce([first, second])).toEqual([aWrite({ set: { a: 1, status: "success" }, setOnInsert: { stored: 1 } })]);
});

test("writes of different documents and collections stay apart", () => {
  const writes = [aWrite({}), aWrite({ id: "b" }), aWrite({ collection: "sessions" })];
  expect(coalesce(writes)).toEqual(writes);
});

test("an older fact after a newer one changes nothing", () => {
  const newer = aWrite({ set: { state: "connected" }, since: { field: "at", at: new Date(2) } });
  const older = aWrite({ set: { state: "starting" }, since: { field: "at", at: new Date(1) } });
  expect(coalesce([newer, older])).toEqual([newer]);
});

test("facts of different kinds on one document stay apart", () => {
  const state = aWrite({ since: { field: "state_at", at: new Date(2) } });
  const settings = aWrite({ since: { field: "updated_at", at: new Date(1) } });
  expect(coalesce([state, settings])).toHaveLength(2);
});

test("a write on a condition stays as it is, where it was", () => {
  const first = aWrite({ set: { a: 1 } });
  const closing = aWrite({ set: { a: 2 }, onlyIf: { a: 1 } });
  expect(coalesce([first, closing, aWrite({ set: { b: 3 } })])).toEqual([
    aWrite({ set: { a: 1, b: 3 }, setOnInsert: {} }),
    closing,
  ]);
});
