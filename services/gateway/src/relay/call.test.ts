import { describe, expect, test } from "vitest";
import { type BridgeOptions, startBridge } from "../../test/bridge.ts";
import { aDenial, aPermit } from "../../test/builders.ts";
import { until } from "../../test/until.ts";
import { aWire } from "../../test/wire.ts";

const FORECAST = { name: "weather_forecast", arguments: { city: "Oslo" } };

/** A bridge with one upstream and one client, and what passes between them. */
async function aCall(options: BridgeOptions = {}) {
  const weather = aWire({ lists: { tools: [{ name: "forecast", annotations: { readOnlyHint: true } }] } });
  const bridge = await startBridge({ ...options, wires: { weather } });
  const client = await bridge.connect();
  const sent = (method = "tools/call") => until(() => weather.sent.find((message) => message.method === method));
  const completed = () => until(() => bridge.told("governance.call.completed")[0]);
  const cancel = (id: number) =>
    client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id, reason: "bored" } });
  return { bridge, client, weather, sent, completed, cancel };
}

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

describe("the outcome of a call is", () => {
  const outcomeOf = async (response: object) => {
    const { client, weather, sent, completed } = await aCall();
    const call = client.request("tools/call", FORECAST);
    const { id } = await sent();
    weather.say({ jsonrpc: "2.0", id: Number(id), ...response });
    await call;
    const { status, outcome, errorMessage } = await completed();
    return { status, ...outcome, errorMessage };
  };
  const fine = { status: "success", transport: "ok", rpc: null, toolError: null, errorMessage: null };

  test.each<[string, object, object]>([
    ["success", { result: {} }, fine],
    ["success that says so", { result: { isError: false } }, { ...fine, toolError: false }],
    [
      "an error of the tool",
      { result: { isError: true, content: [{ type: "text", text: "no" }, { type: "image" }, { text: "way" }] } },
      { ...fine, status: "error", toolError: true, errorMessage: "no\nway" },
    ],
    [
      "an error of JSON-RPC",
      { error: { code: -32602, message: "bad" } },
      { ...fine, status: "error", rpc: -32602, errorMessage: "bad" },
    ],
    [
      "an error whose message is cut to what records hold",
      { error: { code: 1, message: "x".repeat(5_000) } },
      { ...fine, status: "error", rpc: 1, errorMessage: "x".repeat(1_000) },
    ],
  ])("%s", async (_what, response, expected) => {
    expect(await outcomeOf(response)).toEqual(expected);
  });

  test("a timeout, told to client and upstream", async () => {
    const { client, sent, completed } = await aCall({ server: { timeoutMs: 50 } });
    const answer = await client.request("tools/call", FORECAST);
    expect(answer.error).toMatchObject({ code: -31013, data: { code: "upstream.timeout", retryable: false } });
    expect(await completed()).toMatchObject({ status: "error", outcome: { transport: "timeout" } });
    await sent("notifications/cancelled");
  });

  test("lost, when the upstream goes away", async () => {
    const { client, weather, sent, completed } = await aCall();
    const call = client.request("tools/call", FORECAST);
    await sent();
    weather.breakOff("killed by SIGKILL");
    expect((await call).error?.code).toBe(-31012);
    expect(await completed()).toMatchObject({ status: "error", outcome: { transport: "lost" } });
  });

  test("unavailable, when the upstream is not there", async () => {
    const { client, weather, completed } = await aCall();
    weather.refusing = "gone";
    weather.breakOff("gone");
    expect((await client.request("tools/call", FORECAST)).error?.code).toBe(-31011);
    expect(await completed()).toMatchObject({ status: "error", outcome: { transport: "unavailable" } });
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
