import { DenialCode } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";
import { SPANS } from "../usage/figures.ts";
import { beginningOf } from "../usage/marks.ts";
import { type FiguresQuestion, type FiguresReader, figuresIn } from "../usage/read-figures.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { covered, coveredBy, type FiguresSource, window } from "./figures-window.ts";
import { paging, readPage } from "./page.ts";
import { checkPeriod } from "./parameters.ts";
import { given } from "./tool-logs.ts";

const count = z.int().positive();
const time = z.iso.datetime();

const ViolationsQuery = z
  .strictObject({
    ...window,
    server_name: z.string().optional(),
    code: DenialCode.optional(),
    rule: z.string().optional(),
    ...paging,
  })
  .superRefine(checkPeriod);

const Violation = z.object({
  timestamp: time,
  server_name: z.string(),
  tool_name: z.string(),
  method: z.string(),
  code: z.string(),
  rule: z.string().nullable(),
  reason: z.string().nullable(),
  principal: z.string(),
  session_id: z.string(),
  decision_id: z.string(),
  call_id: z.string(),
});

const Violations = z.object({
  ...covered,
  total: z.int().nonnegative(),
  by_code: z.array(z.object({ code: z.string(), count })).describe("The most frequent first"),
  by_server: z.array(z.object({ server_name: z.string(), count })).describe("The most frequent first"),
  heat_map: z
    .array(z.object({ server_name: z.string(), at: time, count }))
    .describe("Denials by server and hour, or by day where the figures are of days; oldest first"),
  denials: z.array(Violation).describe("A page of them, newest first"),
});

export function violationsRoute(source: FiguresSource): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance/violations",
    summary: "Denials by policy: counts by code and server, a heat map, and the newest of them",
    access: "trail",
    query: ViolationsQuery,
    data: Violations,
    async answer({ query: { limit, cursor, server_name, code, rule, ...asked } }) {
      const { window, covers } = await coveredBy(source, asked);
      const page = await readPage(source.store, {
        collection: "governance_logs",
        match: {
          decision: "denied",
          ...given({ server_name, policy_violation: code, rule }),
          timestamp: { $gte: window.from, $lt: window.to },
        },
        limit,
        cursor,
        filters: { ...asked, server_name, code, rule },
      });
      const match = { shadow: false, server_name, code, rule };
      const counts = await countsOf(source.store, { window, grouping: "rule", match });
      const denials = page.documents.map(violation);
      return { json: JSON.stringify({ ...covers, ...counts, denials }), next: page.next };
    },
  });
}

async function countsOf(store: FiguresReader, question: FiguresQuestion) {
  const byCode = new Map<string, number>();
  const byServer = new Map<string, number>();
  const cells = new Map<string, { server_name: string; at: Date; count: number }>();
  let total = 0;
  const { span } = question.window;
  const cellSpan = SPANS[span].ms < SPANS.hour.ms ? "hour" : span;
  for await (const { server_name, code, calls, timestamp } of figuresIn(store, question)) {
    const server = String(server_name);
    total += calls;
    byCode.set(String(code), (byCode.get(String(code)) ?? 0) + calls);
    byServer.set(server, (byServer.get(server) ?? 0) + calls);
    const at = beginningOf(cellSpan, timestamp);
    const key = `${at.getTime()}/${server}`;
    const cell = cells.get(key) ?? { server_name: server, at, count: 0 };
    cells.set(key, { ...cell, count: cell.count + calls });
  }
  return {
    total,
    by_code: mostFrequent(byCode).map(([code, count]) => ({ code, count })),
    by_server: mostFrequent(byServer).map(([server_name, count]) => ({ server_name, count })),
    heat_map: [...cells.values()].sort(
      (a, b) => a.at.getTime() - b.at.getTime() || (a.server_name < b.server_name ? -1 : 1),
    ),
  };
}

function mostFrequent(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
}

function violation(decision: Document): Document {
  const { timestamp, server_name, tool_name, method, policy_violation, rule, reason } = decision;
  const { principal, session_id, decision_id, call_id } = decision;
  return {
    timestamp,
    server_name,
    tool_name,
    method,
    code: policy_violation,
    rule,
    reason,
    principal,
    session_id,
    decision_id,
    call_id,
  };
}
