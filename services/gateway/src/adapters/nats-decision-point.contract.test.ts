import { randomUUID } from "node:crypto";
import { silentLog } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ask } from "../ports.ts";
import { createNatsDecisionPoint } from "./nats-decision-point.ts";

const url = process.env.NATS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !url) throw new Error("NATS_URL is required");

const anAsk = (argumentsText = "{}"): Ask => ({
  callId: randomUUID(),
  sessionId: "session-1",
  principal: "anonymous",
  client: null,
  server: "weather",
  method: "tools/call",
  target: "forecast",
  arguments: JSON.parse(argumentsText),
  argumentsText,
});

const permit = { effect: "permit", decisionId: randomUUID(), revision: "abc", obligations: [] };

describe.runIf(url)("the decision point over NATS", () => {
  let connection: NatsConnection;
  beforeAll(async () => {
    connection = await connectNats(url!, { name: "gateway-test", log: silentLog });
  });
  afterAll(() => connection.close());

  function aPolicyService(answer: string) {
    const subject = `gateway-test.${randomUUID()}`;
    const asked: string[] = [];
    connection.subscribe(subject, {
      callback: (_error, message) => {
        asked.push(message.string());
        message.respond(answer);
      },
    });
    return { asked, decisionPoint: createNatsDecisionPoint({ connection, log: silentLog, subject }) };
  }

  test("asks with the arguments as the text they came as, and returns the decision", async () => {
    const { asked, decisionPoint } = aPolicyService(JSON.stringify(permit));
    const ask = anAsk('{"n": 12345678901234567890, "price": 1.10}');
    expect(await decisionPoint.decide(ask)).toEqual(permit);
    expect(asked[0]).toContain('"arguments":{"n": 12345678901234567890, "price": 1.10}}');
    expect(JSON.parse(asked[0]!)).toMatchObject({ callId: ask.callId, server: "weather", target: "forecast" });
    expect(asked[0]).not.toContain("argumentsText");
  });

  test.each(["", "{", "{}", '{"effect":"permit"}', "null"])("takes %j for no decision", async (answer) => {
    const { decisionPoint } = aPolicyService(answer);
    await expect(decisionPoint.decide(anAsk())).rejects.toMatchObject({ code: "policy.unavailable" });
  });

  test("says at once that the policy service is not running", async () => {
    const decisionPoint = createNatsDecisionPoint({ connection, log: silentLog, subject: `nobody.${randomUUID()}` });
    const unavailable = { code: "policy.unavailable", message: "the policy service is not running" };
    await expect(decisionPoint.decide(anAsk())).rejects.toMatchObject(unavailable);
    await expect(decisionPoint.ping()).rejects.toMatchObject(unavailable);
  });

  test("waits no longer than it may", async () => {
    const subject = `gateway-test.${randomUUID()}`;
    connection.subscribe(subject, { callback: () => undefined });
    const decisionPoint = createNatsDecisionPoint({ connection, log: silentLog, subject, timeoutMs: 100 });
    const began = performance.now();
    await expect(decisionPoint.decide(anAsk())).rejects.toMatchObject({
      code: "policy.unavailable",
      message: "the policy service gave no decision in 100 ms",
    });
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
