import { type CompletionReport, GovernanceError, type Permit } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aCall, FORECAST } from "../../test/a-call.ts";
import { aLog } from "../../test/a-log.ts";
import { aPermitWith } from "../../test/builders.ts";
import { until } from "../../test/until.ts";

const permitWith = (labels: string[], leases: string[]): Permit => aPermitWith({ kind: "report", labels, leases });
const both = permitWith(["private_data"], ["lease"]);
const away = async () => {
  throw new GovernanceError("policy.unavailable", "the policy service is not running");
};

describe("the end of a call that is to be reported", () => {
  test("is kept before the client has its answer", async () => {
    let keep = () => {};
    const kept = new Promise<void>((resolve) => {
      keep = resolve;
    });
    const { bridge, client, weather, sent } = await aCall({ decide: () => both, completed: () => kept });
    let isAnswered = false;
    const answering = client.request("tools/call", FORECAST).finally(() => {
      isAnswered = true;
    });
    weather.answer(await sent(), { content: [] });
    const report = await until(() => bridge.reported[0]);
    const [decided] = bridge.told("governance.call.decided");
    expect(report).toEqual({
      decisionId: both.decisionId,
      callId: String(decided?.callId),
      sessionId: String(decided?.sessionId),
      labels: ["private_data"],
      leases: ["lease"],
    } satisfies CompletionReport);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    keep();
    expect(await answering).toMatchObject({ result: { content: [] } });
  });

  test("withholds the answer when labels cannot be kept, and that is recorded", async () => {
    const { client, weather, sent, completed } = await aCall({ decide: () => both, completed: away });
    const answering = client.request("tools/call", FORECAST);
    weather.answer(await sent(), { content: [{ type: "text", text: "private" }] });
    const { error } = await answering;
    expect(error).toMatchObject({ message: "the policy service is not running", data: { code: "policy.unavailable" } });
    expect(await completed()).toMatchObject({
      status: "error",
      outcome: { transport: "ok", rpc: -31002, toolError: null },
      outputs: null,
    });
  });

  test("that only frees something is not waited for, and only logged when it fails", async () => {
    const { log, lines } = aLog();
    const decide = () => permitWith([], ["lease"]);
    const { client, weather, sent } = await aCall({ decide, completed: away, log });
    const answering = client.request("tools/call", FORECAST);
    weather.answer(await sent(), { content: [] });
    expect(await answering).toMatchObject({ result: { content: [] } });
    await until(() => lines.some(({ level }) => level === "warn"));
  });

  test("frees what it holds and labels nothing when the client cancels", async () => {
    const { bridge, client, sent, completed, cancel } = await aCall({ decide: () => both });
    const call = client.start("tools/call", FORECAST);
    await sent();
    await cancel(1);
    await (await call).ended;
    await completed();
    expect(bridge.reported).toMatchObject([{ labels: [], leases: ["lease"] }]);
  });

  test("frees what it holds when the upstream is lost or too late", async () => {
    for (const server of [{}, { timeoutMs: 100 }]) {
      const { bridge, client, weather, sent } = await aCall({ decide: () => both, server });
      const call = client.request("tools/call", FORECAST);
      await sent();
      if (server.timeoutMs === undefined) weather.breakOff("killed");
      expect(await call).toHaveProperty("error");
      expect(bridge.reported).toMatchObject([{ labels: [], leases: ["lease"] }]);
    }
  });

  describe("that says something before", () => {
    async function saying(completed: () => Promise<void>) {
      const call = await aCall({ decide: () => both, completed });
      const starting = call.client.start("tools/call", { ...FORECAST, _meta: { progressToken: 1 } });
      const request = await call.sent();
      const params = { progressToken: Number(request.id), message: "private" };
      call.weather.say({ jsonrpc: "2.0", method: "notifications/progress", params });
      return { ...call, request, starting };
    }

    test("labels the session before that is said, and frees what it holds at its end", async () => {
      let keep = () => {};
      const kept = new Promise<void>((resolve) => {
        keep = resolve;
      });
      const { bridge, weather, request, starting } = await saying(() => kept);
      let hasBegun = false;
      void starting.then(() => {
        hasBegun = true;
      });
      await until(() => bridge.reported.length > 0);
      weather.answer(request, { content: [] });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(hasBegun).toBe(false);
      keep();
      const answer = await starting;
      await answer.ended;
      expect(answer.messages).toMatchObject([{ params: { message: "private" } }, { result: { content: [] } }]);
      expect(bridge.reported).toMatchObject([
        { labels: ["private_data"], leases: [] },
        { labels: [], leases: ["lease"] },
      ]);
    });

    test("says nothing where the labels cannot be kept", async () => {
      const { weather, request, starting } = await saying(away);
      weather.answer(request, { content: [] });
      const answer = await starting;
      await answer.ended;
      expect(answer.messages).toMatchObject([{ error: { data: { code: "policy.unavailable" } } }]);
    });

    test("has labelled the session also where the client cancels it then", async () => {
      const { bridge, starting, completed, cancel } = await saying(async () => {});
      await starting;
      await cancel(1);
      await completed();
      expect(bridge.reported).toMatchObject([
        { labels: ["private_data"], leases: [] },
        { labels: [], leases: ["lease"] },
      ]);
    });
  });

  test("is nobody's business where nothing is asked for", async () => {
    const { bridge, client, weather, sent } = await aCall();
    const call = client.request("tools/call", FORECAST);
    weather.answer(await sent(), { content: [] });
    await call;
    expect(bridge.reported).toEqual([]);
  });
});
