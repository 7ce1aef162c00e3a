import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Decision, type DecisionRequest, PolicyAnswer, silentLog, Visibility } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import { Kvm } from "@nats-io/kv";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { aPolicyService } from "../../test/a-policy-service.ts";
import { aRequest } from "../../test/builders.ts";
import { fileDocument } from "../../test/revisions.ts";
import type { PolicyService } from "../policy-service.ts";
import { type DecisionServerOptions, serveDecisions } from "./nats-decision-server.ts";
import { createNatsRevisionStore } from "./nats-revision-store.ts";

const url = process.env.NATS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !url) throw new Error("NATS_URL is required");

type Kind = "decide" | "completed" | "visible" | "admin" | "revisions";

const namesIn = (prefix: string): Record<Kind, string> => ({
  decide: `${prefix}.decide`,
  completed: `${prefix}.completed`,
  visible: `${prefix}.visible`,
  admin: `${prefix}.admin`,
  revisions: `${prefix}.revisions`,
});

/** As gateways write it: the arguments last. */
const written = ({ arguments: given, ...rest }: DecisionRequest) => JSON.stringify({ ...rest, arguments: given });

const errorCode = (answer: Msg) => answer.headers?.get("Nats-Service-Error-Code");
const call = { callId: randomUUID(), decisionId: randomUUID(), sessionId: "s" };
const asker = { principal: "ada", roles: [], client: null };
const noForecast = { policies: [{ id: "no", effect: "deny", tools: ["get_forecast"], reason: "Not today" }] };
const edit = (settings: object) => ({ ask: "edit", scope: { server: "weather" }, settings, who: "ada" });

describe.runIf(url)("the decision server", () => {
  let connection: NatsConnection;
  let client: NatsConnection;
  let policy: PolicyService;
  beforeEach(async () => {
    connection = await connectNats(url!, { name: "policy-test", log: silentLog });
    client = await connectNats(url!, { name: "client-test", log: silentLog });
    const file = fileDocument({ servers: { weather: { blocked_patterns: ["hunter2"] } } });
    policy = (await aPolicyService({ file })).service;
  });
  afterEach(async () => {
    await policy.close();
    await client.close();
    await connection.close();
  });

  const serve = async (overrides: Partial<DecisionServerOptions> = {}) => {
    const subjects = namesIn(`policy-test.${randomUUID()}`);
    const server = await serveDecisions({ connection, policy, log: silentLog, subjects, ...overrides });
    const ask = (kind: Kind, body: unknown) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return client.request(subjects[kind], text, { timeout: 5_000 });
    };
    return { server, ask, subjects };
  };

  test("answers a request with its decision", async () => {
    const { ask } = await serve();
    const permit = await ask("decide", aRequest());
    expect(Decision.parse(permit.json())).toMatchObject({ effect: "permit", revision: expect.stringMatching(/^r1-/) });
    const denial = await ask("decide", aRequest({ arguments: { password: "hunter2" } }));
    expect(Decision.parse(denial.json())).toMatchObject({ effect: "deny", code: "security_pattern" });
  });

  test("decides on arguments that no other JSON reader likes", async () => {
    const { ask } = await serve();
    const odd = `{"__proto__":{"a":1e400},"\\ud800":"\\udfff","deep":${"[".repeat(5_000)}"password=hunter2"${"]".repeat(5_000)}}`;
    const { arguments: _, ...rest } = aRequest();
    const denial = await ask("decide", `${JSON.stringify(rest).slice(0, -1)},"arguments":${odd}}`);
    expect(Decision.parse(denial.json())).toMatchObject({ effect: "deny" });
  });

  test("decides on large arguments without reading them here, and on small ones beside much else", async () => {
    const decide = vi.fn(policy.decide);
    const { ask } = await serve({ policy: { ...policy, decide } });
    const large = aRequest({ arguments: { text: `${"hay ".repeat(50_000)} hunter2` } });
    expect((await ask("decide", written(large))).json()).toMatchObject({ effect: "deny", code: "security_pattern" });
    expect(decide.mock.lastCall?.[0]).toMatchObject({ argumentsText: expect.any(Uint8Array) });
    expect(decide.mock.lastCall?.[0].arguments).toBeUndefined();

    const annotations = { title: "x".repeat(100_000) };
    const small = aRequest({ arguments: { text: "hunter2" }, annotations });
    expect((await ask("decide", written(small))).json()).toMatchObject({ effect: "deny", code: "security_pattern" });
    const wrong = await ask("decide", written({ ...large, method: "tools/destroy" as "tools/call" }));
    expect(wrong.json()).toMatchObject({ effect: "deny", rule: "policy.request" });
  });

  test("denies a request that it cannot read but whose call it knows", async () => {
    const { ask } = await serve();
    const denial = await ask("decide", { ...aRequest(), method: "tools/destroy" });
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
    for (const kind of ["decide", "completed", "visible", "admin"] as const) {
      const answer = await ask(kind, body);
      expect(errorCode(answer)).toBe("400");
      expect(answer.data).toHaveLength(0);
    }
  });

  test("answers an empty request, which only asks whether anybody is there", async () => {
    const { ask } = await serve();
    expect((await ask("decide", "")).data).toHaveLength(0);
  });

  test("answers the report of a call's end once it is kept, and with an error where it is not", async () => {
    const completed = vi.fn(policy.completed).mockRejectedValueOnce(new Error("away"));
    const { ask } = await serve({ policy: { ...policy, completed } });
    const report = { ...call, labels: ["private_data"], leases: [] };
    const failed = await ask("completed", report);
    expect([errorCode(failed), failed.string()]).toEqual(["500", ""]);
    const kept = await ask("completed", report);
    expect([errorCode(kept), kept.string()]).toEqual([undefined, "{}"]);
    expect(completed).toHaveBeenLastCalledWith(report);
  });

  test("answers what of a list may be seen", async () => {
    const { ask } = await serve();
    const item = (target: string) => ({ server: "weather", method: "tools/call", target });
    await ask("admin", edit(noForecast));
    const answer = await ask("visible", { ...asker, items: [item("get_alerts"), item("get_forecast")] });
    expect(Visibility.parse(answer.json())).toMatchObject({ hidden: [1] });
  });

  test("answers questions about the policy, and with the code of the error where there is one", async () => {
    const { ask } = await serve();
    const current = PolicyAnswer.parse((await ask("admin", { ask: "current" })).json());
    expect(current).toMatchObject({ ok: true, data: { number: 1 } });
    expect((await ask("admin", { ask: "revision", number: 7 })).json()).toEqual({
      ok: false,
      code: "policy.unknown",
      error: "no revision 7 is kept",
    });
    const admin = { ask: () => Promise.reject(new Error("a fault of ours")) };
    const faulty = await serve({ policy: { ...policy, admin } });
    expect(errorCode(await faulty.ask("admin", { ask: "current" }))).toBe("500");
  });

  test("shares the requests with its replicas", async () => {
    const decide = vi.fn(policy.decide);
    const { ask, subjects } = await serve({ policy: { ...policy, decide } });
    await serve({ subjects, policy: { ...policy, decide } });
    await Promise.all(Array.from({ length: 20 }, () => ask("decide", aRequest())));
    expect(decide).toHaveBeenCalledTimes(20);
  });

  test("answers what it has taken before it closes, and takes no more", async () => {
    const decide: PolicyService["decide"] = async (request) => {
      await delay(200);
      return policy.decide(request);
    };
    const { server, ask } = await serve({ policy: { ...policy, decide } });
    const answer = ask("decide", aRequest());
    await client.flush();
    await server.close();
    expect((await answer).json()).toMatchObject({ effect: "permit" });
    await expect(ask("decide", aRequest())).rejects.toThrow();
  });

  test("row 93: an edit on one replica is in force on the other within a second, announced, and drops no call", async () => {
    const bucket = `test_${randomUUID()}`;
    const revisions = () => createNatsRevisionStore({ connection, log: silentLog, bucket });
    const file = fileDocument({ servers: { weather: { rate_limit: 1_000_000 } } });
    const one = await aPolicyService({ file, revisions: revisions() });
    const other = await aPolicyService({ file, revisions: revisions() });
    const { ask, subjects } = await serve({ policy: one.service });
    await serve({ policy: other.service, subjects });
    const announced: string[] = [];
    client.subscribe(subjects.revisions, {
      callback: (_error, message) => void announced.push(message.string()),
    });

    let isRunning = true;
    const effects: { at: number; effect: unknown }[] = [];
    const load = (async () => {
      while (isRunning) {
        const at = performance.now();
        const { effect } = Decision.parse((await ask("decide", aRequest({ callId: randomUUID() }))).json());
        effects.push({ at, effect });
      }
    })();
    expect((await ask("admin", edit({ ...noForecast, rate_limit: 1_000_000 }))).json()).toMatchObject({ ok: true });
    const edited = performance.now();
    await vi.waitFor(() => expect(announced).toHaveLength(2), { timeout: 1_000 });
    const settled = performance.now();
    await vi.waitFor(() => expect(effects.filter(({ at }) => at > settled).length).toBeGreaterThan(20));
    isRunning = false;
    await load;

    expect(settled - edited).toBeLessThan(1_000);
    expect(new Set(announced).size).toBe(1);
    expect(effects.some(({ effect }) => effect === "permit")).toBe(true);
    expect(effects.filter(({ at, effect }) => at > settled && effect !== "deny")).toEqual([]);
    expect([...one.events, ...other.events].filter(({ number }) => number === 2)).toHaveLength(1);
    await Promise.all([one.service.close(), other.service.close()]);
    await (await new Kvm(connection).open(bucket)).destroy();
  });
});
