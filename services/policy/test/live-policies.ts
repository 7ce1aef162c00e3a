import { type EventOf, silentLog } from "@mcp-governance-bridge/shared";
import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import type { RevisionStore } from "../src/revision-store.ts";
import { createLivePolicies, type LivePoliciesOptions } from "../src/revisions/live-policies.ts";
import { fileDocument } from "./revisions.ts";

/** What the tests compile a document to. */
export interface Compiled {
  name: string;
  document: PolicyDocument;
}

/** Live policies on a store, with the events they told. The pattern `(` is what is wrong with a document. */
export async function livePolicies(store: RevisionStore, overrides: Partial<LivePoliciesOptions<Compiled>> = {}) {
  const events: EventOf<"governance.policy.changed">[] = [];
  const live = await createLivePolicies<Compiled>({
    store,
    file: fileDocument(),
    who: "config.json",
    compile: (document, name) => ({ name, document }),
    problems: unclosed,
    explain: ({ name }, request, facts) => ({ name, target: request.target, ...facts }),
    publisher: { tell: (_subject, event) => void events.push(event as EventOf<"governance.policy.changed">) },
    log: silentLog,
    now: () => new Date("2026-01-15T12:00:00Z"),
    ...overrides,
  });
  const rate = () => live.current().active.document.servers.weather?.rate_limit;
  return { live, events, rate, ask: live.admin.ask };
}

function unclosed({ servers }: PolicyDocument) {
  return Object.entries(servers).flatMap(([name, { blocked_patterns }]) =>
    blocked_patterns.flatMap((pattern, index) =>
      pattern === "(" ? [{ path: ["servers", name, "blocked_patterns", index], message: "is no pattern" }] : [],
    ),
  );
}
