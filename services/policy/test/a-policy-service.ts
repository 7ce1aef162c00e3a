import { type EventOf, silentLog } from "@mcp-governance-bridge/shared";
import { Registry } from "prom-client";
import { createMemoryCounterStore } from "../src/adapters/memory-counter-store.ts";
import { createMemorySessionLabels } from "../src/adapters/memory-session-labels.ts";
import { createPolicyService, type PolicyServiceOptions } from "../src/policy-service.ts";
import { createMemoryRevisionStore } from "./memory-revision-store.ts";
import { fileDocument } from "./revisions.ts";

/** A policy service in memory, with the events it told. */
export async function aPolicyService(overrides: Partial<PolicyServiceOptions> = {}) {
  const events: EventOf<"governance.policy.changed">[] = [];
  const service = await createPolicyService({
    file: fileDocument(),
    source: "config.json",
    revisions: createMemoryRevisionStore(),
    counters: createMemoryCounterStore(),
    localCounters: createMemoryCounterStore(),
    labels: createMemorySessionLabels({ ttlMs: 60_000 }),
    publisher: { tell: (_subject, event) => void events.push(event as EventOf<"governance.policy.changed">) },
    registry: new Registry(),
    log: silentLog,
    ...overrides,
  });
  return { service, events };
}
