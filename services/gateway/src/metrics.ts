import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { GovernedCall } from "./relay/governed-call.ts";

export interface Metrics {
  ended(call: GovernedCall, status: "success" | "error" | "denied"): void;
}

export interface MetricSources {
  sessions(): number;
  upstreams(): readonly { name: string; connected: boolean }[];
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What `/metrics` tells of the gateway. Labels are names from the configuration, so their number is bounded. */
export function createMetrics(registry: Registry, { sessions, upstreams }: MetricSources): Metrics {
  const registers = [registry];
  const calls = new Counter({
    name: "gateway_calls_total",
    help: "Governed calls that ended, by server, method and status",
    labelNames: ["server", "method", "status"],
    registers,
  });
  const duration = new Histogram({
    name: "gateway_call_duration_seconds",
    help: "From the arrival of a governed call to its answer",
    labelNames: ["server"],
    buckets: BUCKETS,
    registers,
  });
  new Gauge({
    name: "gateway_sessions",
    help: "Sessions that this replica holds",
    registers,
    collect() {
      this.set(sessions());
    },
  });
  new Gauge({
    name: "gateway_upstream_connected",
    help: "1 while the upstream is connected",
    labelNames: ["server"],
    registers,
    collect() {
      // Those that have left the configuration are told of no more.
      this.reset();
      for (const { name, connected } of upstreams()) this.set({ server: name }, connected ? 1 : 0);
    },
  });
  return {
    ended({ server, method, startedMs }, status) {
      calls.inc({ server: server.name, method, status });
      duration.observe({ server: server.name }, (performance.now() - startedMs) / 1000);
    },
  };
}
