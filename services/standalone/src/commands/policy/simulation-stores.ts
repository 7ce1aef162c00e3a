import {
  createMemoryCounterStore,
  createMemorySessionLabels,
  LABELS_TTL_MS,
  type SimulationStores,
} from "@mcp-governance-bridge/policy";

/** Counters and sessions in this process, on a simulated clock. */
export const simulationStores: SimulationStores = {
  counters: (clock) => createMemoryCounterStore(clock, clock),
  labels: (clock) => createMemorySessionLabels({ ttlMs: LABELS_TTL_MS, now: clock }),
};
