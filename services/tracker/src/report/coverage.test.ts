import { expect, test } from "vitest";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { readCalls } from "./calls.ts";
import { Counts } from "./counts.ts";
import { readCoverage } from "./coverage.ts";
import { readDecisions } from "./decisions.ts";

const from = new Date("2026-03-02T10:00:00Z");
const to = new Date("2026-03-02T11:00:00Z");
const MANY = 20_000;

test("a tool that was called is not said never to be, however many other names were called before", async () => {
  const store = await aLmdbStore();
  const tool = (tool_name: string) => ({ server_name: "weather", tool_name, is_active: true });
  const call = { server_name: "weather", tool_name: "delete_all", status: "success" };
  const scan = { store, from, to, signal: new AbortController().signal };
  await store.apply([
    { collection: "server_tools", id: "a", set: tool("delete_all") },
    { collection: "server_tools", id: "b", set: tool("history") },
    { collection: "tool_logs", id: "call", set: { ...call, timestamp: new Date("2026-03-02T10:30:00Z") } },
    { collection: "tool_logs", id: "later", set: { ...call, tool_name: "history", timestamp: to } },
  ]);
  const called = new Counts();
  for (let n = 0; n < MANY; n += 1) called.add(["files", `file:///${n}`], "success");
  called.add(["weather", "delete_all"], "success");
  const { calls } = await readCalls(scan);
  const { tools } = await readCoverage(scan, { calls, called, decisions: await readDecisions(scan) });
  expect(tools).toMatchObject({
    ...{ inventory: 2, called: 1 },
    never_called: { of: 1, tools: [{ server_name: "weather", tool_name: "history" }] },
  });
  await store.close();
});
