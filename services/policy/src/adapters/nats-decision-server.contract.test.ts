import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Decision, silentLog } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aConfiguration, aRequest } from "../../test/builders.ts";
import { compilePolicies } from "../compile-policies.ts";
import { createDecisionPoint, type DecisionPoint } from "../decision-point.ts";
import { createMemoryCounterStore } from "./memory-counter-store.ts";
import { type DecisionServerOptions, serveDecisions } from "./nats-decision-server.ts";

const url = process.env.NATS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !url) throw new Error("NATS_URL is required");

const decisionPoint = createDecisionPoint({
  policies: compilePolicies(aConfiguration()),
  counters: createMemoryCounterStore(),
  now: () => new Date(),
  log: silentLog,
});

describe.runIf(url)("the decision server", () => {
  let connection: NatsConnection;
  let client: NatsConnection;
  beforeEach(async () => {
    connection = await connectNats(url!, { name: "policy-test", log: silentLog });
    client = await connectNats(url!, { name: "client-test", log: silentLog });
  });
  afterEach(async () => {
    await client.close();
    await connection.close();
  });

  const serve = async (overrides: Partial<DecisionServerOptions> = {}) => {
    const subject = `policy-test.${randomUUID()}`;
    const server = await serveDecisions({ connection, decisionPoint, log: silentLog, subject, ...overrides });
    const ask = (body: string) => client.request(subject, body, { timeout: 2_000 });
    return { server, ask };
  };

  test("answers a request with its decision", async () => {
    const { ask } = await serve();
    const permit = await ask(JSON.stringify(aRequest()));
    expect(Decision.parse(permit.json())).toMatchObject({ effect: "permit", revision: "0123456789ab" });
    const denial = await ask(JSON.stringify(aRequest({ arguments: { password: "x" } })));
    expect(Decision.parse(denial.json())).toMatchObject({ effect: "deny", code: "security_pattern" });
  });

  test("decides on arguments that no other JSON reader likes", async () => {
    const { ask } = await serve();
    const odd = `{"__proto__":{"a":1e400},"\\ud800":"\\udfff","deep":${"[".repeat(5_000)}"password=x"${"]".repeat(5_000)}}`;
    const { arguments: _, ...rest } = aRequest();
    const denial = await ask(`${JSON.stringify(rest).slice(0, -1)},"arguments":${odd}}`);
    expect(denial.json()).toMatchObject({ effect: "deny", code: "security_pattern" });
  });

  test("denies a request that it cannot read but whose call it knows", async () => {
    const { ask } = await serve();
    const denial = await ask(JSON.stringify({ ...aRequest(), method: "tools/destroy" }));
    expect(Decision.parse(denial.json())).toMatchObject({
      effect: "deny",
      code: "policy_error",
      rule: "policy.request",
      revision: "none",
      reason: "Governance error: the decision request cannot be read",
    });
  });

  test.each(["{", "null", "[]", '{"callId":7}'])("answers %j with an error rather than with silence", async (body) => {
    const { ask } = await serve();
    const answer = await ask(body);
    expect(answer.headers?.get("Nats-Service-Error-Code")).toBe("400");
    expect(Decision.safeParse(parsed(answer)).success).toBe(false);
  });

  test("answers an empty request, which only asks whether anybody is there", async () => {
    const { ask } = await serve();
    expect((await ask("")).data).toHaveLength(0);
  });

  test("shares the requests with its replicas", async () => {
    let asked = 0;
    const counting: DecisionPoint = {
      decide: (request) => {
        asked += 1;
        return decisionPoint.decide(request);
      },
    };
    const subject = `policy-test.${randomUUID()}`;
    await serve({ subject, decisionPoint: counting });
    await serve({ subject, decisionPoint: counting });
    const requests = Array.from({ length: 20 }, () => client.request(subject, JSON.stringify(aRequest())));
    await Promise.all(requests);
    expect(asked).toBe(20);
  });

  test("answers what it has taken before it closes, and takes no more", async () => {
    const slow: DecisionPoint = {
      decide: async (request) => {
        await delay(200);
        return decisionPoint.decide(request);
      },
    };
    const { server, ask } = await serve({ decisionPoint: slow });
    const answer = ask(JSON.stringify(aRequest()));
    await client.flush();
    await server.close();
    expect((await answer).json()).toMatchObject({ effect: "permit" });
    await expect(ask(JSON.stringify(aRequest()))).rejects.toThrow();
  });
});

function parsed(message: Msg): unknown {
  return message.data.length === 0 ? undefined : message.json();
}
