import { describe, expect, test } from "vitest";
import { ALL, aCallInFlight, asked } from "../../test/a-question.ts";
import { aDenial, aPermit } from "../../test/builders.ts";
import { until } from "../../test/until.ts";

describe("a request of an upstream", () => {
  test("reaches the client on the stream of the call that caused it, and its answer the upstream", async () => {
    const { client, weather, begin, answered } = await aCallInFlight();
    const { starting, request } = await begin();
    weather.say(`{"jsonrpc":"2.0","id":"u-1","method":"elicitation/create","params":{"message":"sure?","x":1.10}}`);
    const answer = await starting;
    const { id } = await asked(answer);
    expect(answer.texts[0]).toBe(
      `{"jsonrpc":"2.0","id":${id},"method":"elicitation/create","params":{"message":"sure?","x":1.10}}`,
    );
    const sent = await client.send(`{"jsonrpc":"2.0","id":${id},"result":{"action":"accept","content":{"n":1.10}}}`);
    expect(sent.status).toBe(202);
    expect((await answered("u-1")).text).toBe(
      `{"jsonrpc":"2.0","id":"u-1","result":{"action":"accept","content":{"n":1.10}}}`,
    );
    weather.answer(request, {});
    expect(await answer.ended).toMatchObject({ result: {} });
  });

  test("is governed and recorded like a call", async () => {
    const { bridge, client, begin, ask, answered } = await aCallInFlight();
    const { starting } = await begin();
    ask(1, "sampling/createMessage", { maxTokens: 5 });
    const { id } = await asked(await starting, "sampling/createMessage");
    expect(bridge.asked.at(-1)).toMatchObject({
      server: "weather",
      method: "sampling/createMessage",
      target: "sampling/createMessage",
      arguments: { maxTokens: 5 },
    });
    await client.send({ jsonrpc: "2.0", id, error: { code: -1, message: "rejected" } });
    await answered(1);
    const [, decided] = bridge.told("governance.call.decided");
    const completed = await until(() => bridge.told("governance.call.completed")[0]);
    expect(completed).toMatchObject({
      callId: decided?.callId,
      method: "sampling/createMessage",
      status: "error",
      outcome: { transport: "ok", rpc: -1 },
    });
  });

  test("that names a member twice is refused: it could be read otherwise than it was decided on", async () => {
    const { bridge, weather, begin, answered } = await aCallInFlight();
    await begin();
    weather.say(`{"jsonrpc":"2.0","id":7,"method":"elicitation/create","params":{"message":"a","message":"b"}}`);
    expect((await answered(7)).error).toMatchObject({ message: "Invalid Request: an object names a member twice" });
    expect(bridge.asked.map(({ method }) => method)).toEqual(["tools/call"]);
  });

  test("is recorded as the text it was", async () => {
    const { bridge, weather, begin } = await aCallInFlight();
    await begin();
    weather.say(`{"jsonrpc":"2.0","id":1,"method":"roots/list","params":{ "n":1.10, "big":12345678901234567890 }}`);
    const decided = await until(() => bridge.told("governance.call.decided")[1]);
    expect(decided.inputs?.text).toBe(`{ "n":1.10, "big":12345678901234567890 }`);
  });

  test("that policy denies reaches nobody", async () => {
    const { begin, ask, answered, weather } = await aCallInFlight({
      decide: ({ method }) => (method === "tools/call" ? aPermit : aDenial()),
    });
    const { starting, request } = await begin();
    ask(1);
    expect((await answered(1)).error).toMatchObject({
      code: -31001,
      message: "Governance denied: Rate limit exceeded",
    });
    weather.answer(request, {});
    expect(await (await starting).ended).toMatchObject({ result: {} });
  });

  test("with a progress token hears of the client's progress under its own", async () => {
    const { client, weather, begin, ask } = await aCallInFlight();
    const { starting } = await begin();
    ask(1, "elicitation/create", { _meta: { progressToken: "up" } });
    const { id, params } = await asked(await starting);
    expect(params).toEqual({ _meta: { progressToken: id } });
    const progress = { method: "notifications/progress", params: { progressToken: id, progress: 1 } };
    await client.send({ jsonrpc: "2.0", ...progress });
    const heard = await until(() => weather.sent.find(({ method }) => method === "notifications/progress"));
    expect(heard.params).toEqual({ progressToken: "up", progress: 1 });
  });

  test("to see whether we are there is answered by the gateway", async () => {
    const { ask, answered } = await aCallInFlight();
    ask("p", "ping");
    expect((await answered("p")).result).toEqual({});
  });
});

describe("a request of an upstream is refused when", () => {
  test("the client lacks the capability", async () => {
    const { begin, ask, answered, bridge } = await aCallInFlight({}, { roots: {} });
    await begin();
    ask(1);
    expect((await answered(1)).error).toMatchObject({
      code: -31022,
      message: "the client does not support elicitation",
    });
    expect(bridge.asked).toHaveLength(1);
  });

  test.each(["tools/call", "constructor"])("it is nothing that clients are asked: %s", async (method) => {
    const { begin, ask, answered } = await aCallInFlight();
    await begin();
    ask(1, method);
    expect((await answered(1)).error?.code).toBe(-32601);
  });

  test("no call is in flight that could have caused it", async () => {
    const { ask, answered } = await aCallInFlight();
    ask(1);
    expect((await answered(1)).error?.code).toBe(-31021);
  });

  test("the calls of two clients are in flight, and neither sees it", async () => {
    const { bridge, begin, ask, answered, weather } = await aCallInFlight();
    const other = await bridge.connect(ALL);
    const both = [await begin(), await begin(other)];
    ask(1);
    expect((await answered(1)).error?.code).toBe(-31021);
    for (const { request } of both) weather.answer(request, {});
    for (const { starting } of both) {
      const answer = await starting;
      await answer.ended;
      expect(answer.messages).toMatchObject([{ result: {} }]);
    }
  });

  test("the call was answered before the request was decided on", async () => {
    let permit = () => {};
    const decided = new Promise<typeof aPermit>((resolve) => {
      permit = () => resolve(aPermit);
    });
    const { bridge, weather, begin, ask, answered } = await aCallInFlight({
      decide: ({ method }) => (method === "tools/call" ? aPermit : decided),
    });
    const { starting, request } = await begin();
    weather.say(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${request.id}}}`);
    const answer = await starting;
    ask(1);
    weather.answer(request, {});
    await answer.ended;
    permit();
    expect((await answered(1)).error?.code).toBe(-31023);
    expect(answer.messages.map(({ method }) => method)).toEqual(["notifications/progress", undefined]);
    await until(() => bridge.told("governance.call.completed").length === 2);
  });

  test("the client ends its session before it answers", async () => {
    const { bridge, client, begin, ask, answered } = await aCallInFlight();
    const { starting } = await begin();
    ask(1);
    await asked(await starting);
    await client.end();
    expect((await answered(1)).error?.code).toBe(-31023);
    const completed = await until(() => bridge.told("governance.call.completed")[0]);
    expect(completed).toMatchObject({ method: "elicitation/create", outcome: { transport: "lost" } });
  });
});
