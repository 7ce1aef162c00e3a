import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noPolicy } from "../../test/a-policy-admin.ts";
import { anApi } from "../../test/a-policy-api.ts";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import type { RecordStore, Write } from "../record-store.ts";
import { renderPage } from "./page.ts";

const HOUR_MS = 3_600_000;
const BEGIN = Date.parse("2026-03-01T00:00:00.000Z");
const HOURS = 24;

/** Several of one moment, so that time alone does not order them. */
const calls = Array.from({ length: HOURS * 5 }, (_none, index): Write => {
  const timestamp = new Date(BEGIN + Math.floor(index / 5) * HOUR_MS);
  const id = randomUUID();
  return {
    collection: "tool_logs",
    id,
    set: {
      call_id: id,
      timestamp,
      server_name: index % 2 ? "files" : "weather",
      client: { name: `client-${index % 3}` },
    },
  };
});

let store: RecordStore;
beforeAll(async () => {
  store = await aLmdbStore();
  await store.apply(calls);
});
afterAll(() => store.close());

async function ask(query: Record<string, string>) {
  const { app } = anApi({ store, policy: noPolicy, edits: "off" });
  const response = await app.request(`/governance/tool-logs?${new URLSearchParams(query)}`);
  return { status: response.status, body: JSON.parse(await response.text()) };
}

async function all(query: Record<string, string>): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await ask({ ...query, ...(cursor !== undefined && { cursor }) });
    seen.push(...body.data.map(({ call_id }: { call_id: string }) => call_id));
    cursor = body.next;
  } while (cursor !== undefined);
  return seen;
}

const idsOf = (writes: readonly Write[]) => writes.map(({ id }) => id);
const newestFirst = (a: Write, b: Write): number =>
  Number(b.set.timestamp) - Number(a.set.timestamp) || (a.id < b.id ? 1 : -1);

describe("pages", () => {
  test.each(["1", "7", "40", "120", "1000"])("of %s together have every document once, newest first", async (limit) => {
    expect(await all({ hours: "0", limit })).toEqual(idsOf(calls.toSorted(newestFirst)));
  });

  test("of a filter have what it asks for and nothing else", async () => {
    const expected = calls.filter(({ set }) => set.server_name === "files").toSorted(newestFirst);
    expect(await all({ hours: "0", server_name: "files", limit: "9" })).toEqual(idsOf(expected));
    const clients = await all({ hours: "0", client_name: "client-1", limit: "9" });
    expect(clients).toHaveLength(calls.length / 3);
  });

  test("of a period begin with its first moment and end before its last", async () => {
    const [from, to] = [new Date(BEGIN + 2 * HOUR_MS), new Date(BEGIN + 5 * HOUR_MS)];
    const expected = calls.slice(10, 25).toSorted(newestFirst);
    expect(await all({ from: from.toISOString(), to: to.toISOString(), limit: "4" })).toEqual(idsOf(expected));
    expect(await all({ to: "2026-03-01T02:00:00+01:00", limit: "4" })).toHaveLength(5);
  });

  test.each([
    [{ hours: "2", from: "2026-03-01T00:00:00Z" }, "hours"],
    [{ from: "2026-03-01T02:00:00Z", to: "2026-03-01T02:00:00Z" }, "from"],
    [{ from: "yesterday" }, "from"],
    [{ to: "2026-02-30T00:00:00Z" }, "to"],
  ])("are refused for the period %j", async (query, name) => {
    expect(await ask(query)).toMatchObject({ status: 400, body: { error: expect.stringContaining(name) } });
  });
});

describe("a cursor", () => {
  const question = { hours: "0", server_name: "files", limit: "5" };
  const cursorOf = async (): Promise<string> => (await ask(question)).body.next;

  test("is good for another limit", async () => {
    const { body } = await ask({ ...question, limit: "3", cursor: await cursorOf() });
    expect(body.data).toHaveLength(3);
  });

  test.each([{ server_name: "weather" }, { hours: "1" }, { tool_name: "forecast" }])(
    "is refused for another question: %j",
    async (change) => {
      const { status, body } = await ask({ ...question, ...change, cursor: await cursorOf() });
      expect([status, body]).toMatchObject([400, { error: "cursor: belongs to another question" }]);
    },
  );

  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  test.each(["", "x", "====", encoded([]), encoded([1e300, "a", "b"]), encoded([8.7e15, "a", "b"]), encoded({ a: 1 })])(
    "that this API did not give is refused: %s",
    async (cursor) => {
      expect(await ask({ ...question, cursor })).toMatchObject({
        status: 400,
        body: { error: "cursor: is none that this API gave" },
      });
    },
  );
});

test("a page of large documents ends early, and the next one goes on", async () => {
  const large = Array.from({ length: 40 }, (_none, index): Write => {
    const id = String(index).padStart(2, "0");
    return { collection: "sessions", id, set: { id, timestamp: new Date(BEGIN), text: "x".repeat(1_048_576) } };
  });
  await store.apply(large);
  const page = (cursor?: string) => renderPage(store, { collection: "sessions", match: {}, limit: 1_000, cursor });
  const first = await page();
  const second = await page(first.next);
  const ids = [first, second].map(({ json }) => JSON.parse(json).map(({ id }: { id: string }) => id));
  expect(ids[0].length).toBeLessThan(40);
  expect(ids.flat()).toEqual(large.map(({ id }) => id).toReversed());
});
