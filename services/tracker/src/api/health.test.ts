import { silentLog } from "@mcp-governance-bridge/shared";
import { expect, test, vi } from "vitest";
import { createGovernanceApi } from "./governance-api.ts";
import { type HealthParts, healthRoute } from "./health.ts";

const wellParts: HealthParts = {
  database: async () => ({ bytes: 4_096, indexes: 12, documents: { tool_logs: 3 } }),
  pipeline: async () => ({
    backlog: { waiting: 0, unit: "events" },
    lag_ms: 12,
    last_batch_at: new Date("2026-03-01T10:00:00.000Z"),
  }),
  jobs: async () => ({ waiting: 0, active: 1, delayed: 2, failed: 0 }),
  audit: async () => ({ checkpoint_at: null }),
};

async function healthOf(parts: Partial<HealthParts>) {
  const endpoints = [healthRoute({ ...wellParts, ...parts })];
  const { app } = createGovernanceApi({ endpoints, edits: "off", log: silentLog });
  const response = await app.request("/governance/health");
  expect(response.status).toBe(200);
  return JSON.parse(await response.text()).data;
}

test("tells how every part is", async () => {
  expect(await healthOf({})).toEqual({
    status: "ok",
    parts: {
      database: { status: "ok", reason: null, bytes: 4_096, indexes: 12, documents: { tool_logs: 3 } },
      pipeline: {
        status: "ok",
        reason: null,
        backlog: { waiting: 0, unit: "events" },
        lag_ms: 12,
        last_batch_at: "2026-03-01T10:00:00.000Z",
      },
      jobs: { status: "ok", reason: null, waiting: 0, active: 1, delayed: 2, failed: 0 },
      audit: { status: "ok", reason: null, checkpoint_at: null },
    },
  });
});

test("a part that does not answer is degraded, with the reason, and the others answer", async () => {
  const { status, parts } = await healthOf({ database: () => Promise.reject(new Error("no server")) });
  expect(status).toBe("degraded");
  expect(parts.database).toEqual({ status: "degraded", reason: "no server" });
  expect(parts.jobs).toMatchObject({ status: "ok", active: 1 });
});

test("a part that says what is wrong with it is degraded, and tells the rest", async () => {
  const { status, parts } = await healthOf({
    jobs: async () => ({ waiting: 0, active: 0, delayed: 0, failed: 4, problem: "4 jobs were given up" }),
  });
  expect([status, parts.jobs]).toEqual([
    "degraded",
    { status: "degraded", reason: "4 jobs were given up", waiting: 0, active: 0, delayed: 0, failed: 4 },
  ]);
});

test("a part that takes too long is not waited for", async () => {
  vi.useFakeTimers();
  try {
    const asked = healthOf({ audit: () => new Promise(() => undefined) });
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await asked).parts.audit).toEqual({ status: "degraded", reason: "no answer in 2000 ms" });
  } finally {
    vi.useRealTimers();
  }
});
