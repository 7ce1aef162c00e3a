import { afterAll, beforeAll } from "vitest";
import type { RecordStore } from "../src/record-store.ts";
import { aFiguresApi } from "./a-figures-api.ts";
import { aFiguresRecord } from "./a-figures-record.ts";

/** Opens a store with the known calls and their figures for the tests of a suite, and closes it after them. */
export function withFigures<Store extends RecordStore>(open: () => Promise<Store>, available: boolean) {
  let opened: { store: Store; api: ReturnType<typeof aFiguresApi> } | undefined;
  const given = () => {
    if (!opened) throw new Error("the store has not been opened");
    return opened;
  };
  beforeAll(async () => {
    if (!available) return;
    const store = await open();
    await aFiguresRecord(store);
    opened = { store, api: aFiguresApi(store) };
  }, 60_000);
  afterAll(() => opened?.store.close());
  return { store: () => given().store, api: () => given().api };
}
