import {
  compilePolicies,
  createCounting,
  createDecisionPoint,
  createMemoryCounterStore,
  createMemorySessionLabels,
} from "@mcp-governance-bridge/policy";
import { silentLog } from "@mcp-governance-bridge/shared";
import { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import { type Sample, type SampleOptions, sample } from "./sample.ts";
import { aRequest, governance, rules, SERVER } from "./workload.ts";

/** `decide` in this process, counters in memory, with so many rules. */
export async function decideInProcess(count: number, options: SampleOptions): Promise<Sample> {
  const document = PolicyDocument.parse({
    global: {},
    servers: { [SERVER]: { ...governance, policies: rules(count), disabled: false } },
    packs: [],
  });
  const active = compilePolicies(document, "bench");
  const counting = createCounting({
    store: createMemoryCounterStore(),
    local: createMemoryCounterStore(),
    log: silentLog,
  });
  const { decide } = createDecisionPoint({
    policies: () => ({ active, candidate: undefined }),
    counting,
    labels: createMemorySessionLabels({ ttlMs: 60_000 }),
    now: () => new Date(),
    log: silentLog,
  });
  return sample(async () => (await decide(aRequest())).effect, options);
}
