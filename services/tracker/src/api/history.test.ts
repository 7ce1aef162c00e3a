import { randomUUID } from "node:crypto";
import { silentLog } from "@mcp-governance-bridge/shared";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { aBatch, aPolicyChanged } from "../../test/builders.ts";
import type { RecordStore } from "../record-store.ts";
import { toWrites } from "../records/to-writes.ts";
import { createGovernanceApi } from "./governance-api.ts";
import { historyRoutes } from "./history.ts";

const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

let store: RecordStore;
beforeAll(async () => {
  store = await aLmdbStore();
  const reads = [3, 2, 1].map((hours) => ({
    subject: "governance.record.read" as const,
    event: {
      id: randomUUID(),
      at: ago(hours),
      reader: hours === 2 ? "admin" : "anonymous",
      address: "127.0.0.1",
      route: "GET /governance/tool-logs",
      path: "/governance/tool-logs",
      query: { "a.b": "$x", hours: String(hours) },
    },
  }));
  const servers = { weather: { rate_limit: 7 } };
  const changes = [1, 2, 3].map((number) =>
    aPolicyChanged(ago(4 - number), { number, servers, ...(number === 1 && { origin: "file", who: "the file" }) }),
  );
  await store.apply(toWrites(aBatch(...changes, ...reads), new Date()));
});
afterAll(() => store.close());

async function ask(path: string) {
  const { app } = createGovernanceApi({ endpoints: historyRoutes(store), edits: "off", log: silentLog });
  const response = await app.request(`/governance${path}`);
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe("GET /governance/configuration/history", () => {
  test("tells who changed what and why, newest first, without the documents", async () => {
    const { data } = (await ask("/configuration/history")).body;
    expect(data.map(({ number }: { number: number }) => number)).toEqual([3, 2, 1]);
    expect(data[0]).toMatchObject({
      revision: "r3-0123456789ab",
      origin: "edit",
      who: "ada",
      why: "incident 7",
      changes: [{ path: "servers.weather.rate_limit", before: "100", after: "7" }],
    });
    expect(data[0]).not.toHaveProperty("document");
    expect(data[0]).not.toHaveProperty("candidate");
  });

  test("is filtered by who and what brought it about, and read a page at a time", async () => {
    expect((await ask("/configuration/history?origin=file")).body.data).toMatchObject([{ who: "the file" }]);
    const { body } = await ask("/configuration/history?who=ada&limit=1");
    expect(body.data).toMatchObject([{ number: 3 }]);
    expect((await ask(`/configuration/history?who=ada&cursor=${body.next}`)).body.data).toMatchObject([{ number: 2 }]);
    expect((await ask("/configuration/history?origin=magic")).status).toBe(400);
  });
});

describe("GET /governance/record-reads", () => {
  test("tells who read the record, newest first, with what they asked as it was", async () => {
    const { data } = (await ask("/record-reads")).body;
    expect(data.map(({ query }: { query: { hours: string } }) => query.hours)).toEqual(["1", "2", "3"]);
    expect(data[0]).toMatchObject({ reader: "anonymous", address: "127.0.0.1", query: { "a.b": "$x", hours: "1" } });
    expect((await ask("/record-reads?reader=admin")).body.data).toHaveLength(1);
    expect((await ask("/record-reads?hours=1.5")).body.data).toHaveLength(1);
  });
});
