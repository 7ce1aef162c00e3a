import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { aServer } from "../test/builders.ts";
import { createMetrics } from "./metrics.ts";
import type { GovernedCall } from "./relay/governed-call.ts";

test("the names and labels of the metrics stay", async () => {
  const registry = new Registry();
  const metrics = createMetrics(registry, {
    sessions: () => 3,
    upstreams: () => [
      { name: "weather", connected: true },
      { name: "notes", connected: false },
    ],
  });
  const call = { server: aServer(), method: "tools/call", startedMs: performance.now() - 20 } as GovernedCall;
  metrics.ended(call, "success");
  metrics.ended(call, "denied");
  const text = await registry.metrics();
  for (const line of [
    `gateway_calls_total{server="weather",method="tools/call",status="success"} 1`,
    `gateway_calls_total{server="weather",method="tools/call",status="denied"} 1`,
    `gateway_call_duration_seconds_bucket{le="0.01",server="weather"} 0`,
    `gateway_call_duration_seconds_count{server="weather"} 2`,
    "gateway_sessions 3",
    `gateway_upstream_connected{server="weather"} 1`,
    `gateway_upstream_connected{server="notes"} 0`,
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});
