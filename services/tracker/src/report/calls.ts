import type { Document } from "../record-store.ts";
import { pagesOf } from "../usage/pages.ts";
import { Counts, type Top } from "./counts.ts";
import { type Scan, scopeOf } from "./scan.ts";
import { createSilences, type Silence } from "./silences.ts";

const MEMBERS = [
  "server_name",
  "tool_name",
  "method",
  "principal",
  "status",
  "event_type",
  "environment",
  "outcome",
  "denial",
  "inputs_truncated",
  "outputs_truncated",
  "payloads_expired",
  "masked_count",
];
const PAGE = 1_000;
const TOP = 20;

export interface Calls {
  total: number;
  success: number;
  error: number;
  denied: number;
  /** Whose end nobody saw. */
  unknown: number;
  /** That had not ended when the report was made. */
  open: number;
  /** By how they were carried: `ok`, `timeout`, `lost`, … */
  transport: Top;
  methods: Top;
  servers: Top;
  tools: Top;
  principals: Top;
  denials: { codes: Top; rules: Top; servers: Top; principals: Top; tools: Top };
  evidence: {
    /** Calls whose decision is on record with them. */
    with_decision: number;
    /** Calls that are known to have ended. */
    with_end: number;
    truncated: number;
    payloads_expired: number;
    masked: number;
  };
  /** The longest times without a call. */
  silences: Silence[];
  first_at: Date | null;
  last_at: Date | null;
}

/** Reads all calls of the period once, and what was called of which server. */
export async function readCalls(scan: Scan): Promise<{ calls: Calls; called: Counts }> {
  const tally = createTally(scan);
  const pages = pagesOf(scan.store, {
    collection: "tool_logs",
    match: scopeOf(scan),
    from: scan.from,
    to: scan.to,
    size: PAGE,
    members: MEMBERS,
  });
  for await (const page of pages) {
    scan.signal.throwIfAborted();
    for (const call of page) tally.add(call);
  }
  return tally.result();
}

function createTally({ from, to }: Scan) {
  const by = () => new Counts();
  const counts = { status: by(), transport: by(), methods: by(), servers: by(), tools: by(), principals: by() };
  const denials = { codes: by(), rules: by(), servers: by(), principals: by(), tools: by() };
  const evidence = { with_decision: 0, with_end: 0, truncated: 0, payloads_expired: 0, masked: 0 };
  const silences = createSilences(from, to);
  let total = 0;

  function addDenial(call: Document, [server, tool, principal]: readonly [string, string, string]): void {
    const { code, rule } = (call.denial ?? {}) as { code?: unknown; rule?: unknown };
    // A rule on results denies a call whose decision permitted it.
    denials.codes.add([String(code ?? "result_rule")]);
    denials.rules.add([String(rule ?? "none")]);
    denials.servers.add([server]);
    denials.principals.add([principal]);
    denials.tools.add([server, tool]);
  }

  return {
    add(call: Document): void {
      const [server, tool, principal] = [text(call.server_name), text(call.tool_name), text(call.principal)];
      const status = statusOf(call);
      total += 1;
      silences.add(call.timestamp as Date);
      counts.status.add([status]);
      const { transport } = (call.outcome ?? {}) as { transport?: unknown };
      if (transport !== undefined) counts.transport.add([String(transport)]);
      counts.methods.add([text(call.method)], status);
      counts.servers.add([server], status);
      counts.tools.add([server, tool], status);
      counts.principals.add([principal], status);
      addEvidence(evidence, call);
      if (status === "denied") addDenial(call, [server, tool, principal]);
    },
    result(): { calls: Calls; called: Counts } {
      const ends = Object.fromEntries(counts.status.rows().map(({ names, count }) => [names[0], count]));
      const { status: _, ...tops } = counts;
      const calls: Calls = {
        total,
        ...{ success: 0, error: 0, denied: 0, unknown: 0, open: 0 },
        ...ends,
        ...topsOf(tops),
        denials: topsOf(denials),
        evidence,
        ...silences.result(),
      };
      return { calls, called: counts.tools };
    },
  };
}

function addEvidence(evidence: Calls["evidence"], call: Document): void {
  // Only a decision tells of it.
  if (call.environment != null) evidence.with_decision += 1;
  if (call.event_type === "tool_completion") evidence.with_end += 1;
  if (call.inputs_truncated === true || call.outputs_truncated === true) evidence.truncated += 1;
  if (call.payloads_expired === true) evidence.payloads_expired += 1;
  if (Number(call.masked_count ?? 0) > 0) evidence.masked += 1;
}

function topsOf<Name extends string>(counts: Record<Name, Counts>): Record<Name, Top> {
  const tops = Object.entries<Counts>(counts).map(([name, one]) => [name, one.top(TOP)]);
  return Object.fromEntries(tops) as Record<Name, Top>;
}

const ENDS = new Set(["success", "error", "denied", "unknown"]);

function statusOf({ status }: Document): string {
  return ENDS.has(String(status)) ? String(status) : "open";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
