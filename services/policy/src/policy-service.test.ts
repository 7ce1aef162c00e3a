import { expect, test } from "vitest";
import { aPolicyService } from "../test/a-policy-service.ts";
import { aRequest } from "../test/builders.ts";
import { fileDocument } from "../test/revisions.ts";

const session = "00000000-0000-4000-8000-000000000001";
const call = (target: string, number = 1) =>
  aRequest({ target, sessionId: "s", callId: session.slice(0, -1) + String(number) });
const weather = { server: "weather" };

test("what a call's end adds to its session counts for the next call", async () => {
  const file = fileDocument({
    servers: {
      weather: {
        labels: [
          { tools: ["read"], labels: ["private_data"] },
          { tools: ["send"], labels: ["sends_out"] },
        ],
        policies: [{ id: "flow", effect: "deny", closes: ["private_data", "sends_out"] }],
      },
    },
  });
  const { service } = await aPolicyService({ file });
  expect(await service.decide(call("send"))).toMatchObject({ effect: "permit" });
  const permit = await service.decide(call("read"));
  const report = "obligations" in permit && permit.obligations.find(({ kind }) => kind === "report");
  expect(report).toEqual({ kind: "report", labels: ["private_data"], leases: [] });
  const { decisionId } = permit;
  await service.completed({ decisionId, callId: session, sessionId: "s", labels: ["private_data"], leases: [] });
  expect(await service.decide(call("send"))).toMatchObject({ effect: "deny", code: "information_flow" });
});

test("what a call holds is given back at its end", async () => {
  const { service } = await aPolicyService({
    file: fileDocument({ servers: { weather: { max_concurrent_sessions: 1 } } }),
  });
  const [first, second] = [call("a", 1), call("a", 2)];
  const permit = await service.decide(first);
  expect(await service.decide(second)).toMatchObject({ effect: "deny", code: "concurrency_limit" });
  const [report] = "obligations" in permit ? permit.obligations : [];
  if (report?.kind !== "report") throw new Error("no report is asked for");
  await service.completed({ decisionId: permit.decisionId, callId: first.callId, sessionId: "s", ...report });
  expect(await service.decide(second)).toMatchObject({ effect: "permit" });
});

test("lists and decisions follow an edit at once, and each names its revision", async () => {
  const { service, events } = await aPolicyService();
  const names: string[] = [];
  service.onRevision((name) => names.push(name));
  const items = [{ server: "weather", method: "tools/call" as const, target: "get_forecast" }];
  const asker = { principal: "ada", roles: [], client: null };
  expect(await service.visible({ ...asker, items })).toMatchObject({ hidden: [] });
  const settings = { policies: [{ id: "no", effect: "deny", reason: "Not today" }] };
  await service.admin.ask({ ask: "edit", scope: weather, settings, who: "ada", why: "" });
  const [revision] = names;
  expect(await service.visible({ ...asker, items })).toEqual({ revision, hidden: [0] });
  expect(await service.decide(aRequest())).toMatchObject({ effect: "deny", reason: "Not today", revision });
  expect(events.at(-1)).toMatchObject({ revision, number: 2 });
});

test("a candidate's denials are told with its name, and deny nothing", async () => {
  const { service } = await aPolicyService();
  const settings = { policies: [{ id: "no", effect: "deny" }] };
  await service.admin.ask({ ask: "candidate", scope: weather, settings, who: "ada", why: "" });
  const decision = await service.decide(aRequest());
  const revision = expect.stringMatching(/^candidate-/);
  expect(decision).toMatchObject({ effect: "permit", shadows: [{ rule: "weather.policies.no", revision }] });
});

test("an explanation comes out as the decision does", async () => {
  const { service } = await aPolicyService({ file: fileDocument({ servers: { weather: { allowed_hours: [] } } }) });
  const explanation = await service.admin.ask({ ask: "explain", request: aRequest(), labels: [] });
  expect(explanation).toMatchObject({ effect: "deny", rule: "weather.allowed_hours" });
});

test("a bad condition in an edit is named with its place, and the last good policy decides", async () => {
  const { service } = await aPolicyService();
  const settings = { policies: [{ id: "x", effect: "deny", when: "args." }] };
  await expect(service.admin.ask({ ask: "edit", scope: weather, settings, who: "ada", why: "" })).rejects.toMatchObject(
    { code: "policy.invalid", message: expect.stringMatching(/^servers\.weather\.policies\[0\]\.when: /) },
  );
  expect(await service.decide(aRequest())).toMatchObject({ effect: "permit" });
});
