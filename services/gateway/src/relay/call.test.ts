import { describe, expect, test } from "vitest";
import { aCall, FORECAST } from "../../test/a-call.ts";
import { aDenial, aPermit } from "../../test/builders.ts";
import { until } from "../../test/until.ts";

describe("a permitted call", () => {
  test("reaches the upstream under its own name, and its answer the client under the client's id", async () => {
    const { client, weather, sent } = await aCall();
    const text = (id: string, name: string) =>
      `{"jsonrpc":"2.0", "id":${id},"method":"tools/call","params":{"x":1.10,"name":"${name}","arguments":{"n":12345678901234567890}}}`;
    const answer = client.send(text(`"mine"`, "weather_forecast"));
    const request = await sent();
    expect(request.text).toBe(text(String(request.id), "forecast"));
    const result = `{ "content":[], "structuredContent":{"n":1.10,"big":12345678901234567890} }`;
    weather.say(`{"jsonrpc":"2.0","result":${result},"id":${request.id},"extra":true}`);
    await (await answer).ended;
    expect((await answer).texts).toEqual([`{"jsonrpc":"2.0","result":${result},"id":"mine","extra":true}`]);
  });

  test("is decided on by the upstream's name, the tool's own name and the arguments as text", async () => {
    const { bridge, client, weather, sent } = await aCall();
    const answer = client.send(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"weather_forecast","arguments":{"n":1.10}}}`,
    );
    weather.answer(await sent(), {});
    await answer;
    expect(bridge.asked).toEqual([
      {
        callId: expect.any(String),
        sessionId: expect.any(String),
        principal: "anonymous",
        roles: [],
        client: { name: "test", version: "1.0.0" },
        server: "weather",
        method: "tools/call",
        target: "forecast",
        arguments: { n: 1.1 },
        argumentsText: `{"n":1.10}`,
        annotations: { readOnlyHint: true },
      },
    ]);
  });

  test("has its progress told under the client's token, before the answer", async () => {
    const { client, weather, sent } = await aCall();
    const starting = client.start("tools/call", { ...FORECAST, _meta: { progressToken: "mine" } });
    const request = await sent();
    const progress = `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":0.10,"progressToken":`;
    weather.say(`${progress}${request.id}}}`);
    const answer = await starting;
    await until(() => answer.texts[0]);
    weather.answer(request, {});
    await answer.ended;
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect(answer.texts[0]).toBe(`${progress}"mine"}}`);
    expect(answer.messages[1]).toMatchObject({ id: 1, result: {} });
  });

  test("has no progress told that nobody asked for", async () => {
    const { client, weather, sent } = await aCall();
    const call = client.start("tools/call", FORECAST);
    const request = await sent();
    weather.say(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${request.id}}}`);
    weather.answer(request, {});
    const answer = await call;
    expect(answer.headers.get("content-type")).toBe("application/json");
  });

  test("is recorded before it is forwarded, and once more at its end", async () => {
    const { bridge, client, weather, sent, completed } = await aCall();
    const call = client.request("tools/call", FORECAST);
    const request = await sent();
    const [decided] = bridge.told("governance.call.decided");
    expect(decided).toMatchObject({
      server: "weather",
      target: "forecast",
      decision: aPermit,
      inputs: { text: `{"city":"Oslo"}`, size: 15, truncated: false },
      deploymentMode: "unified",
    });
    weather.answer(request, { content: [] });
    await call;
    expect(await completed()).toMatchObject({
      id: `${decided?.callId}.completed`,
      callId: decided?.callId,
      decisionId: aPermit.decisionId,
      outputs: { text: `{"content":[]}` },
    });
    expect(bridge.ended).toEqual(["success"]);
  });

  test("has recorded of it only what the configuration wants, and no more of it", async () => {
    const governance = { log_inputs: false, max_log_size: 5 };
    const { bridge, client, weather, sent, completed } = await aCall({ governance });
    const call = client.request("tools/call", FORECAST);
    weather.answer(await sent(), { content: [] });
    await call;
    expect(bridge.told("governance.call.decided")[0]?.inputs).toBeNull();
    expect((await completed()).outputs).toEqual({ text: `{"con`, size: 14, truncated: true });
  });
});

describe("a call that its client cancels", () => {
  test("is cancelled at the upstream under its own id there, and has no answer", async () => {
    const { client, sent, completed, cancel } = await aCall();
    const call = client.start("tools/call", FORECAST);
    const request = await sent();
    await cancel(1);
    const cancelled = await sent("notifications/cancelled");
    expect(cancelled.params).toEqual({ requestId: Number(request.id), reason: "bored" });
    const answer = await call;
    expect(await answer.ended).toBeUndefined();
    expect(await completed()).toMatchObject({ status: "error", outcome: { transport: "cancelled" } });
  });

  test("before anything was sent is never sent", async () => {
    let permit = () => {};
    const decided = new Promise<typeof aPermit>((resolve) => {
      permit = () => resolve(aPermit);
    });
    const { bridge, client, weather, completed, cancel } = await aCall({ decide: () => decided });
    const call = client.start("tools/call", FORECAST);
    await until(() => bridge.asked.length === 1);
    await cancel(1);
    permit();
    expect(await (await call).ended).toBeUndefined();
    expect(await completed()).toMatchObject({ outcome: { transport: "cancelled" } });
    expect(weather.sent.filter(({ method }) => method === "tools/call")).toEqual([]);
  });

  test.each([`"1"`, "2", "null", "{}"])("is not the one meant by %s", async (id) => {
    const { client, weather, sent } = await aCall();
    const call = client.request("tools/call", FORECAST);
    const request = await sent();
    await client.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`);
    weather.answer(request, {});
    expect(await call).toMatchObject({ result: {} });
  });

  test("by another client's hand goes on", async () => {
    const { bridge, client, weather, sent } = await aCall();
    const other = await bridge.connect();
    const call = client.request("tools/call", FORECAST);
    const request = await sent();
    await other.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    weather.answer(request, {});
    expect(await call).toMatchObject({ result: {} });
  });
});

test("a call whose client has left goes on and is recorded", async () => {
  const { client, weather, sent, completed } = await aCall();
  const call = client.start("tools/call", { ...FORECAST, _meta: { progressToken: 1 } });
  const request = await sent();
  weather.say(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${request.id}}}`);
  (await call).leave();
  await new Promise((resolve) => setTimeout(resolve, 30));
  weather.say(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${request.id}}}`);
  weather.answer(request, {});
  expect(await completed()).toMatchObject({ status: "success" });
});

test("a denied call never reaches the upstream", async () => {
  const { bridge, client, weather } = await aCall({ decide: () => aDenial() });
  const { result } = await client.request("tools/call", FORECAST);
  expect(result).toMatchObject({ isError: true });
  expect(weather.sent.filter(({ kind }) => kind === "request")).toEqual([]);
  expect(bridge.told("governance.call.decided")).toMatchObject([{ decision: { effect: "deny", code: "rate_limit" } }]);
  expect(bridge.told("governance.call.completed")).toEqual([]);
  expect(bridge.ended).toEqual(["denied"]);
});
