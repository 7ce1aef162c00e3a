import { silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aReceiver, type Receiver } from "../../test/a-receiver.ts";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { alertSettings } from "../../test/alert-settings.ts";
import { createTimerJobQueue } from "../adapters/timer-job-queue.ts";
import { createAlerts } from "../alerts/create-alerts.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { RecordStore } from "../record-store.ts";
import { AlertAnswer, RulesAnswer, TestAnswer } from "./alert-answers.ts";
import { alertRoutes } from "./alert-routes.ts";
import { createGovernanceApi } from "./governance-api.ts";

let store: RecordStore;
let receiver: Receiver;
let ask: (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; answer: { data: unknown; error?: string } }>;
let text = "";
let queue: JobQueue;

beforeEach(async () => {
  store = await aLmdbStore();
  queue = createTimerJobQueue({ log: silentLog });
  receiver = await aReceiver();
  const settings = alertSettings({
    rules: [
      { id: "letters", kind: "dead_letters" },
      { id: "down", kind: "upstream_down", severity: "warning" },
    ],
    webhooks: [receiver.webhook],
  });
  const alerts = createAlerts({
    ...{ store, queue, log: silentLog, settings: () => settings },
    probes: {
      pipeline: async () => ({ waiting: 0, lagSeconds: 0, lastKeptAt: null }),
      unsealedSince: async () => null,
    },
  });
  alerts.start();
  const { app } = createGovernanceApi({
    endpoints: alertRoutes({ store, alerts }),
    edits: { token: "a-long-token" },
    log: silentLog,
  });
  ask = async (method, path, body) => {
    const headers = { authorization: "Bearer a-long-token", "content-type": "application/json" };
    const response = await app.request(path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    text = await response.text();
    return { status: response.status, answer: JSON.parse(text) };
  };
  const timestamp = new Date();
  await store.apply([
    { collection: "dead_letters", id: "a", set: { status: "dead", subject: "s", reason: "no JSON", timestamp } },
    { collection: "servers", id: "w", set: { server_name: "w", state: "disconnected", state_at: new Date(0) } },
  ]);
  await alerts.evaluate(new AbortController().signal);
});
afterEach(async () => {
  await queue.close();
  await receiver.close();
  await store.close();
});

describe("alerts", () => {
  test("are listed, newest first, by state, rule and severity", async () => {
    const { answer } = await ask("GET", "/governance/alerts");
    expect(AlertAnswer.array().parse(answer.data)).toHaveLength(2);
    const rulesOf = async (query: string) =>
      ((await ask("GET", `/governance/alerts?${query}`)).answer.data as { rule: string }[]).map(({ rule }) => rule);
    expect(await rulesOf("severity=critical")).toEqual(["letters"]);
    expect(await rulesOf("rule=down&status=firing")).toEqual(["down"]);
    expect(await rulesOf("status=resolved")).toEqual([]);
    expect((await ask("GET", "/governance/alerts?status=odd")).status).toBe(400);
  });

  test("are acknowledged by whoever says who they are", async () => {
    const [{ id }] = (await ask("GET", "/governance/alerts?rule=letters")).answer.data as [{ id: string }];
    const path = `/governance/alerts/${id}/acknowledge`;
    expect((await ask("POST", path, {})).status).toBe(400);
    const { answer } = await ask("POST", path, { who: "ada", why: "known" });
    expect(AlertAnswer.parse(answer.data)).toMatchObject({
      acknowledged_by: "ada",
      acknowledged_why: "known",
      status: "firing",
    });
    expect((await ask("GET", `/governance/alerts/${id}`)).answer).toEqual(answer);
    expect((await ask("POST", "/governance/alerts/none/acknowledge", { who: "ada" })).status).toBe(404);
    expect((await ask("GET", "/governance/alerts/none")).status).toBe(404);
  });

  test("have rules and webhooks, whose secrets and paths are not shown", async () => {
    const { answer } = await ask("GET", "/governance/alert-rules");
    const { rules, webhooks, last_evaluation } = RulesAnswer.parse(answer.data);
    expect(rules.map(({ id }) => id)).toEqual(["letters", "down"]);
    expect(webhooks).toEqual([{ id: "pager", host: new URL(receiver.webhook.url).host, min_severity: "info" }]);
    expect(last_evaluation?.failures).toEqual([]);
    expect(text).not.toContain(receiver.webhook.secret);
    expect(text).not.toContain("/hook");
  });

  test("have webhooks that can be tried", async () => {
    const path = "/governance/alert-rules/test";
    const { answer } = await ask("POST", path, { webhook: "pager" });
    expect(TestAnswer.parse(answer.data)).toEqual({ webhook: "pager", delivered: true, status: 204, error: null });
    const tests = receiver.received.filter(({ message }) => message.type === "test");
    expect(tests).toMatchObject([{ isSigned: true }]);
    receiver.answer = { status: 403 };
    expect((await ask("POST", path, { webhook: "pager" })).answer.data).toMatchObject({
      delivered: false,
      error: "answered 403",
    });
    const unknown = await ask("POST", path, { webhook: "nobody" });
    expect(unknown).toMatchObject({ status: 400, answer: { error: "webhook: there is none named nobody" } });
  });
});
