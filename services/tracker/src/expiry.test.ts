import { silentLog } from "@mcp-governance-bridge/shared";
import { RecordSettings } from "@mcp-governance-bridge/shared/configuration";
import { expect, test, vi } from "vitest";
import { createExpiry } from "./expiry.ts";

const { retention } = RecordSettings.parse({ retention: { tool_logs: 90, payloads: 30 } });

test("the store is told the days of each collection, once it can be reached", async () => {
  const retain = vi.fn(async (_days: object) => undefined).mockRejectedValueOnce(new Error("away"));
  const expiry = createExpiry({ store: { retain }, announce: async () => undefined, log: silentLog, retryMs: 1 });
  expiry.set(retention);
  await vi.waitFor(() => expect(retain).toHaveBeenCalledTimes(2));
  await expiry.close();
  expect(retain.mock.lastCall?.[0]).toMatchObject({ tool_logs: 90, artifacts: 30, artifact_chunks: 30 });
  expect(retain.mock.lastCall?.[0]).not.toHaveProperty("payloads");
  expect(retain.mock.lastCall?.[0]).not.toHaveProperty("governance_logs");
});

test("settings that came later are the only ones that are tried again", async () => {
  const retain = vi.fn(async (_days: object): Promise<void> => Promise.reject(new Error("away")));
  const expiry = createExpiry({ store: { retain }, announce: async () => undefined, log: silentLog, retryMs: 1 });
  expiry.set(retention);
  expiry.set({ ...retention, tool_logs: 7 });
  await vi.waitFor(() => expect(retain.mock.calls.length).toBeGreaterThan(4));
  await expiry.close();
  expect(retain.mock.calls.slice(1).every(([days]) => (days as { tool_logs?: number }).tool_logs === 7)).toBe(true);
});

test("what may be gone is told before it can go", async () => {
  const order: string[] = [];
  const announce = vi.fn(async () => void order.push("told")).mockRejectedValueOnce(new Error("away"));
  const retain = async () => void order.push("set");
  const expiry = createExpiry({ store: { retain }, announce, log: silentLog, retryMs: 1 });
  expiry.set(retention);
  await vi.waitFor(() => expect(order).toEqual(["told", "set"]));
  await expiry.close();
  expect(announce).toHaveBeenCalledTimes(2);
});
