import type { Obligation } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aCall, FORECAST } from "../../test/a-call.ts";
import { aCallInFlight, asked } from "../../test/a-question.ts";
import { redact, withhold } from "../../test/a-rule.ts";
import { aPermit, aPermitWith } from "../../test/builders.ts";
import { until } from "../../test/until.ts";

describe("what is said before the answer", () => {
  async function saying(rule: Obligation, message: object) {
    const call = await aCall({ decide: () => aPermitWith(rule) });
    const starting = call.client.start("tools/call", { ...FORECAST, _meta: { progressToken: "t" } });
    const request = await call.sent();
    call.weather.say({
      jsonrpc: "2.0",
      ...message,
      params: { ...Object(message).params, progressToken: Number(request.id) },
    });
    call.weather.answer(request, { content: [] });
    const answer = await starting;
    await answer.ended;
    return { messages: answer.messages, completed: await call.completed() };
  }
  const progress = { method: "notifications/progress", params: { progress: 1, message: "private" } };

  test("is masked by the rules of the call, and recorded", async () => {
    const { messages, completed } = await saying(redact(), progress);
    expect(messages[0]?.params).toEqual({ progress: 1, message: "[masked]", progressToken: "t" });
    expect(completed.masked).toMatchObject([{ action: "redact", pointer: "" }]);
  });

  test("is not said where a rule withholds it", async () => {
    const { messages } = await saying(withhold(), progress);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toHaveProperty("result");
  });
});

test("what is said during a call has nothing in it that no rule has seen", async () => {
  const { client, weather, sent } = await aCall({ decide: () => aPermitWith(redact()) });
  const starting = client.start("tools/call", { ...FORECAST, _meta: { progressToken: "t" } });
  const { id } = await sent();
  const params = (message: string) => `"params":{"progressToken":${id},"progress":1,"message":"${message}"}`;
  const doubled = `${params("private")},${params("private")}`;
  weather.say(`{"jsonrpc":"2.0","x":"private","method":"notifications/progress",${doubled}}`);
  const { texts } = await starting;
  await until(() => texts.length > 0);
  const shown = `"params":{"progressToken":"t","progress":1,"message":"[masked]"}`;
  expect(texts[0]).toBe(`{"jsonrpc":"2.0","method":"notifications/progress",${shown}}`);
});

test("what is said after the answer is masked by the rules of the session's last call", async () => {
  const { client, weather, sent, completed } = await aCall({ decide: () => aPermitWith(redact()) });
  const stream = await client.listen();
  const calling = client.request("tools/call", FORECAST);
  weather.answer(await sent(), { content: [] });
  await calling;
  await completed();
  weather.say({ jsonrpc: "2.0", method: "notifications/message", params: { level: "error", data: "private" } });
  await until(() => stream.messages.length > 0);
  expect(stream.messages).toMatchObject([{ params: { level: "error", data: "[masked]" } }]);
});

describe("what the upstream asks during a call", () => {
  test("is masked before it is decided on, recorded and asked", async () => {
    const decide = ({ method }: { method: string }) => (method === "tools/call" ? aPermitWith(redact()) : aPermit);
    const { bridge, begin, ask } = await aCallInFlight({ decide });
    const { starting } = await begin();
    ask(7, "elicitation/create", { message: "private", requestedSchema: { type: "object", properties: {} } });
    const question = await asked(await starting);
    expect(question.params).toEqual({ message: "[masked]", requestedSchema: { type: "object", properties: {} } });
    expect(JSON.stringify(bridge.told("governance.call.decided"))).not.toContain("private");
  });

  test("is refused where a rule of the call withholds it", async () => {
    const { begin, ask, answered: answeredTo } = await aCallInFlight({ decide: () => aPermitWith(withhold()) });
    await begin();
    ask(7);
    expect((await answeredTo(7)).error).toMatchObject({ message: expect.stringContaining("withheld by policy") });
  });

  test("has an answer that its own rules mask", async () => {
    const decide = ({ method }: { method: string }) => (method === "tools/call" ? aPermit : aPermitWith(redact()));
    const { begin, ask, client, answered: answeredTo } = await aCallInFlight({ decide });
    const { starting } = await begin();
    ask(7);
    const { id } = await asked(await starting);
    await client.send({ jsonrpc: "2.0", id, result: { action: "accept", content: { name: "private" } } });
    expect((await answeredTo(7)).result).toEqual({ action: "accept", content: { name: "[masked]" } });
  });
});
