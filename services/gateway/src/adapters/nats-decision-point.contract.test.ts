import { randomUUID } from "node:crypto";
import { silentLog } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import { headers, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Ask, DecisionPoint } from "../ports.ts";
import { createNatsDecisionPoint } from "./nats-decision-point.ts";

const url = process.env.NATS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !url) throw new Error("NATS_URL is required");

const anAsk = (argumentsText = "{}"): Ask => ({
  callId: randomUUID(),
  sessionId: "session-1",
  principal: "anonymous",
  roles: [],
  client: null,
  server: "weather",
  method: "tools/call",
  target: "forecast",
  arguments: JSON.parse(argumentsText),
  argumentsText,
});

const permit = {
  effect: "permit",
  decisionId: randomUUID(),
  revision: "r1-0123456789ab",
  rule: null,
  facts: { at: "2026-11-23T12:00:00.000Z", labels: [], counters: [] },
  shadows: [],
  degraded: [],
  obligations: [{ kind: "report", labels: ["private_data"], leases: [] }],
};

const report = {
  decisionId: randomUUID(),
  callId: randomUUID(),
  sessionId: "s",
  labels: ["private_data"],
  leases: ["l"],
};

describe.runIf(url)("the decision point over NATS", () => {
  let connection: NatsConnection;
  beforeAll(async () => {
    connection = await connectNats(url!, { name: "gateway-test", log: silentLog });
  });
  afterAll(() => connection.close());

  const opened: DecisionPoint[] = [];
  afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())));

  /** A decision point on subjects of its own. */
  function aDecisionPoint(timeoutMs?: number) {
    const own = randomUUID();
    const at = (what: string) => `gateway-test.${own}.${what}`;
    const subjects = { decide: at("decide"), completed: at("completed"), visible: at("visible"), revisions: at("r") };
    const decisionPoint = createNatsDecisionPoint({
      connection,
      log: silentLog,
      subjects,
      ...(timeoutMs && { timeoutMs }),
    });
    opened.push(decisionPoint);
    return { decisionPoint, subjects };
  }

  /** A policy service that answers everything the same. */
  function aPolicyService(answer: string, sent?: MsgHdrs) {
    const { decisionPoint, subjects } = aDecisionPoint();
    const asked: string[] = [];
    for (const subject of [subjects.decide, subjects.completed, subjects.visible]) {
      connection.subscribe(subject, {
        callback: (_error, message) => {
          asked.push(message.string());
          message.respond(answer, sent && { headers: sent });
        },
      });
    }
    const announce = (revision: string) => connection.publish(subjects.revisions, JSON.stringify({ revision }));
    return { asked, decisionPoint, announce };
  }

  test("asks with the arguments as the text they came as, and returns the decision", async () => {
    const { asked, decisionPoint } = aPolicyService(JSON.stringify(permit));
    const ask = anAsk('{"n": 12345678901234567890, "price": 1.10}');
    expect(await decisionPoint.decide(ask)).toEqual(permit);
    expect(asked[0]).toContain('"arguments":{"n": 12345678901234567890, "price": 1.10}}');
    expect(JSON.parse(asked[0]!)).toMatchObject({ callId: ask.callId, server: "weather", target: "forecast" });
    expect(asked[0]).not.toContain("argumentsText");
  });

  test.each(["", "{", "{}", '{"effect":"permit"}', "null"])(
    "takes %j for no decision, and not for an outage",
    async (answer) => {
      const { decisionPoint } = aPolicyService(answer);
      await expect(decisionPoint.decide(anAsk())).rejects.toMatchObject({ code: "internal" });
    },
  );

  test("says at once that the policy service is not running", async () => {
    const { decisionPoint } = aDecisionPoint();
    const unavailable = { code: "policy.unavailable", message: "the policy service is not running" };
    await expect(decisionPoint.decide(anAsk())).rejects.toMatchObject(unavailable);
    await expect(decisionPoint.ping()).rejects.toMatchObject(unavailable);
  });

  test("waits no longer than it may", async () => {
    const { decisionPoint, subjects } = aDecisionPoint(100);
    connection.subscribe(subjects.decide, { callback: () => undefined });
    const began = performance.now();
    await expect(decisionPoint.decide(anAsk())).rejects.toMatchObject({
      code: "policy.unavailable",
      message: "the policy service gave no decision in 100 ms",
    });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test("does not take a call that is too large to be asked about for an outage", async () => {
    const { decisionPoint } = aPolicyService(JSON.stringify(permit));
    const tooLarge = JSON.stringify({ text: "x".repeat((connection.info?.max_payload ?? 0) + 1) });
    await expect(decisionPoint.decide(anAsk(tooLarge))).rejects.toMatchObject({ code: "message.too_large" });
  });

  test("reports the end of a call, and is content once it is kept", async () => {
    const { asked, decisionPoint } = aPolicyService("{}");
    await decisionPoint.completed(report);
    expect(asked.map((text) => JSON.parse(text))).toEqual([report]);
  });

  test.each([
    ["", true],
    ["", false],
    [`{"error":"x"}`, false],
  ])("takes %j, an error: %s, for no sign that a report is kept", async (answer, isError) => {
    const sent = headers();
    if (isError) sent.set("Nats-Service-Error", "labels are away");
    const { decisionPoint } = aPolicyService(answer, sent);
    await expect(decisionPoint.completed(report)).rejects.toMatchObject({ code: "policy.unavailable" });
  });

  test("asks what is visible", async () => {
    const { asked, decisionPoint } = aPolicyService(`{"revision":"r1-a","hidden":[1]}`);
    const items = [{ server: "weather", method: "tools/call" as const, target: "forecast" }];
    const query = { principal: "alice", roles: ["operator"], client: null, items };
    expect(await decisionPoint.visible(query)).toEqual({ revision: "r1-a", hidden: [1] });
    expect(JSON.parse(asked[0]!)).toEqual(query);
  });

  test.each(["", "{}", `{"revision":"r1-a","hidden":[-1]}`])(
    "takes %j for no list of what is visible",
    async (answer) => {
      const { decisionPoint } = aPolicyService(answer);
      const query = { principal: "alice", roles: [], client: null, items: [] };
      await expect(decisionPoint.visible(query)).rejects.toMatchObject({ code: "internal" });
    },
  );

  test("tells revisions that are announced, and those that decisions name first", async () => {
    const { decisionPoint, announce } = aPolicyService(JSON.stringify({ ...permit, revision: "r3-c" }));
    const told: string[] = [];
    decisionPoint.onRevision((revision) => void told.push(revision));
    announce("r2-b");
    await expect.poll(() => told).toEqual(["r2-b"]);
    await decisionPoint.decide(anAsk());
    expect(told).toEqual(["r2-b", "r3-c"]);
  });
});
