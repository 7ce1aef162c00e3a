import { Counter, Gauge, type Registry } from "prom-client";

export interface SpoolMetrics {
  kept(): void;
  refused(): void;
}

/** What Prometheus is told of the spool, where somebody asks. */
export function measureSpool(registry: Registry | undefined, bytes: () => number): SpoolMetrics {
  if (!registry) return { kept: () => undefined, refused: () => undefined };
  const registers = [registry];
  const kept = new Counter({ name: "spool_events_total", help: "Events that went to the spool", registers });
  const refused = new Counter({ name: "spool_refused_total", help: "Events that found the spool full", registers });
  new Gauge({
    name: "spool_bytes",
    help: "Bytes on disk of events that NATS has not taken",
    registers,
    collect() {
      this.set(bytes());
    },
  });
  return { kept: () => kept.inc(), refused: () => refused.inc() };
}
