import { GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Alerts } from "../alerts/create-alerts.ts";
import { findAlert } from "../alerts/kept-alerts.ts";
import type { Document, RecordStore } from "../record-store.ts";
import { AlertAnswer, RulesAnswer, TestAnswer } from "./alert-answers.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { paging, readPage } from "./page.ts";
import { renderDocument, renderDocuments } from "./render.ts";

interface AlertRoutesOptions {
  store: Pick<RecordStore, "apply" | "aggregate">;
  alerts: Pick<Alerts, "report" | "settings" | "test">;
  now?: () => Date;
}

type Store = AlertRoutesOptions["store"];

const One = z.strictObject({ id: z.string().max(200).describe("An alert's `id`") });

const ListQuery = z.strictObject({
  status: z.enum(["firing", "resolved"]).optional().describe("Only alerts in this state"),
  rule: z.string().max(64).optional().describe("Only alerts of this rule"),
  severity: z.enum(["info", "warning", "critical"]).optional().describe("Only alerts so grave"),
  ...paging,
});

const Acknowledgement = z.strictObject({
  who: z.string().min(1).max(200).describe("Who has seen the alert"),
  why: z.string().max(2_000).default("").describe("What they make of it"),
  normal: z
    .boolean()
    .default(false)
    .describe("true: what an anomaly tells of is normal, and the baseline may learn from it"),
});

const TestBody = z.strictObject({ webhook: z.string().max(64).describe("The webhook's id") });

/** Alerts, the rules that raise them, and the webhooks that are told. */
export function alertRoutes({ store, alerts, now = () => new Date() }: AlertRoutesOptions): Endpoint[] {
  return [listRoute(store), oneRoute(store), acknowledgeRoute(store, now), rulesRoute(alerts), testRoute(alerts)];
}

function listRoute(store: Store): Endpoint {
  return endpoint({
    ...{ method: "GET", path: "/governance/alerts", access: "open" },
    summary: "Alerts, newest first.",
    query: ListQuery,
    data: z.array(AlertAnswer),
    async answer({ query: { limit, cursor, ...match } }) {
      const { documents, next } = await readPage(store, { collection: "alerts", match, filters: match, limit, cursor });
      return { json: renderDocuments(documents.map(answerOf)), next };
    },
  });
}

function oneRoute(store: Store): Endpoint {
  return endpoint({
    ...{ method: "GET", path: "/governance/alerts/:id", access: "open" },
    summary: "One alert.",
    params: One,
    data: AlertAnswer,
    answer: async ({ params }) => ({ json: await renderAlert(store, params.id) }),
  });
}

function acknowledgeRoute(store: Store, now: () => Date): Endpoint {
  return endpoint({
    ...{ method: "POST", path: "/governance/alerts/:id/acknowledge", access: "change" },
    summary: "Notes that somebody has seen an alert; answers the alert.",
    params: One,
    body: Acknowledgement,
    data: AlertAnswer,
    async answer({ params: { id }, body: { who, why, normal } }) {
      const set = { acknowledged_by: who, acknowledged_at: now(), acknowledged_why: why, normal };
      await store.apply([{ collection: "alerts", id, set, onlyIf: { document_type: "alert" } }]);
      return { json: await renderAlert(store, id) };
    },
  });
}

function rulesRoute({ settings, report }: AlertRoutesOptions["alerts"]): Endpoint {
  return endpoint({
    ...{ method: "GET", path: "/governance/alert-rules", access: "open" },
    summary: "Rules and webhooks in force, and the last evaluation by the process that answers.",
    data: RulesAnswer,
    async answer() {
      const { rules, webhooks } = settings();
      const shown = webhooks.map(({ id, url, min_severity }) => ({ id, host: new URL(url).host, min_severity }));
      return { json: JSON.stringify({ rules, webhooks: shown, last_evaluation: report() ?? null }) };
    },
  });
}

function testRoute({ test }: AlertRoutesOptions["alerts"]): Endpoint {
  return endpoint({
    ...{ method: "POST", path: "/governance/alert-rules/test", access: "change" },
    summary: "Sends a test delivery to a webhook, once, and answers what came back.",
    body: TestBody,
    data: TestAnswer,
    async answer({ body: { webhook } }) {
      const { status, error } = await test(webhook);
      return { json: JSON.stringify({ webhook, delivered: error === null, status, error }) };
    },
  });
}

async function renderAlert(store: Store, id: string): Promise<string> {
  const alert = await findAlert(store, id);
  if (!alert) throw new GovernanceError("record.unknown", "no such alert");
  return renderDocument(answerOf(alert));
}

/** What is for others to see. */
function answerOf(alert: Document): Document {
  const {
    _id,
    version: _version,
    undelivered: _undelivered,
    stored_at: _stored,
    document_type: _type,
    ...shown
  } = alert;
  return { id: _id, ...shown };
}
