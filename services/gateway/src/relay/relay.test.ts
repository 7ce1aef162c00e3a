import { describe, expect, test } from "vitest";
import { startBridge } from "../../test/bridge.ts";
import { aDenial, aPermit } from "../../test/builders.ts";
import { until } from "../../test/until.ts";
import { aWire } from "../../test/wire.ts";

const TOOLS = { tools: [{ name: "forecast" }] };
const NOTES = {
  capabilities: { resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} },
  lists: {
    resources: [{ uri: "file:///a.txt", name: "a" }],
    resourceTemplates: [{ uriTemplate: "note://{id}", name: "n" }],
    prompts: [{ name: "greet" }],
  },
};

async function aClient(options: Parameters<typeof startBridge>[0] = {}) {
  const wires = { weather: aWire({ capabilities: { tools: {}, resources: {} }, lists: TOOLS }), notes: aWire(NOTES) };
  const bridge = await startBridge({ wires, ...options });
  return { bridge, client: await bridge.connect(), ...wires };
}

describe("answered by the gateway itself", () => {
  test("is ping", async () => {
    const { client } = await aClient();
    expect((await client.request("ping")).result).toEqual({});
  });

  test.each([
    ["tools/list", { tools: [{ name: "weather_forecast" }] }],
    ["prompts/list", { prompts: [{ name: "notes_greet" }] }],
    ["resources/list", { resources: [{ uri: "file:///a.txt", name: "a" }] }],
    ["resources/templates/list", { resourceTemplates: [{ uriTemplate: "note://{id}", name: "n" }] }],
  ])("is %s, from what is known", async (method, expected) => {
    const { client, bridge } = await aClient();
    expect((await client.request(method)).result).toEqual(expected);
    expect(bridge.asked).toEqual([]);
  });

  test.each([
    ["tools/list", { cursor: "forged" }, -32602],
    ["logging/setLevel", { level: "loud" }, -32602],
    ["logging/setLevel", {}, -32602],
    ["resources/unsubscribe", { uri: "nobody://here" }, -32602],
    ["tools/destroy", {}, -32601],
    ["constructor", {}, -32601],
    ["server/discover", {}, -32601],
    ["tasks/get", {}, -32601],
    ["tools/call", { name: "unknown" }, -32602],
    ["tools/call", {}, -32602],
    ["tools/call", { name: "weather_forecast", arguments: [] }, -32602],
    ["prompts/get", { name: "greet" }, -32602],
    ["resources/read", { uri: 7 }, -32602],
    ["resources/read", { uri: "nobody://here" }, -32602],
    ["resources/read", { uri: `file:///${"a".repeat(9_000)}` }, -32602],
    ["completion/complete", { ref: { type: "ref/prompt" } }, -32602],
    ["completion/complete", { ref: { type: "ref/resource", uri: 1 } }, -32602],
    ["completion/complete", {}, -32602],
  ])("is the refusal of %s %j with %i", async (method, params, code) => {
    const { client, bridge } = await aClient();
    expect((await client.request(method, params)).error?.code).toBe(code);
    expect(bridge.asked).toEqual([]);
  });
});

describe("governed and forwarded", () => {
  test.each([
    ["prompts/get", { name: "notes_greet", arguments: { who: "Ada" } }, "greet", { who: "Ada" }],
    ["resources/read", { uri: "file:///a.txt" }, "file:///a.txt", { uri: "file:///a.txt" }],
    ["resources/read", { uri: "note://7" }, "note://7", { uri: "note://7" }],
    ["resources/subscribe", { uri: "file:///a.txt" }, "file:///a.txt", { uri: "file:///a.txt" }],
  ])("is %s %j", async (...row) => {
    const [method, params, target, args] = row;
    const { bridge, client, notes } = await aClient();
    const call = client.request(method, params);
    const request = await until(() => notes.sent.find((message) => message.method === method));
    expect(bridge.asked).toMatchObject([{ server: "notes", method, target, arguments: args }]);
    expect(request.params).toEqual({ ...params, ...("name" in params && { name: target }) });
    notes.answer(request, { done: true });
    expect((await call).result).toEqual({ done: true });
  });

  test.each([
    [{ type: "ref/prompt", name: "notes_greet" }, "greet", { type: "ref/prompt", name: "greet" }],
    [{ type: "ref/resource", uri: "note://{id}" }, "note://{id}", { type: "ref/resource", uri: "note://{id}" }],
  ])("is completion/complete of %j", async (ref, target, own) => {
    const { bridge, client, notes } = await aClient();
    const argument = { name: "who", value: "A" };
    const call = client.request("completion/complete", { ref, argument });
    const request = await until(() => notes.sent.find(({ method }) => method === "completion/complete"));
    expect(bridge.asked).toMatchObject([{ method: "completion/complete", target, arguments: argument }]);
    expect(request.params).toEqual({ ref: own, argument });
    notes.answer(request, {});
    await call;
  });

  test("is completion/complete with the context that it brings along", async () => {
    const { bridge, client, notes } = await aClient();
    const ref = { type: "ref/prompt", name: "notes_greet" };
    const context = { arguments: { city: "rm -rf /" } };
    const ask = (argument: object) => client.request("completion/complete", { ref, argument, context });
    const call = ask({ name: "who", value: "A" });
    notes.answer(await until(() => notes.sent.find(({ method }) => method === "completion/complete")), {});
    await call;
    const seen = { name: "who", value: "A", context };
    expect(bridge.asked).toMatchObject([{ arguments: seen, argumentsText: JSON.stringify(seen) }]);
    expect(await ask({ context: "hidden by the other" })).toMatchObject({ error: { code: -32602 } });
  });

  test("is nothing that policy denies: the denial is an error with its facts", async () => {
    const { client, notes } = await aClient({ decide: () => aDenial() });
    const { error } = await client.request("resources/read", { uri: "file:///a.txt" });
    expect(error).toMatchObject({ code: -31001, data: { "mcp-governance-bridge/denial": { code: "rate_limit" } } });
    expect(notes.sent.filter(({ kind }) => kind === "request")).toEqual([]);
  });

  test("is nothing while policy cannot be asked: a tool call is denied in words", async () => {
    const { client, weather } = await aClient({
      decide: () => Promise.reject(new Error("down")),
    });
    const { result } = await client.request("tools/call", { name: "weather_forecast" });
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: "Governance denied: Governance error: internal error" }],
      _meta: { "mcp-governance-bridge/denial": { code: "policy_unavailable" } },
    });
    expect(weather.sent.filter(({ kind }) => kind === "request")).toEqual([]);
  });
});

describe("the log level", () => {
  const levelsAsked = (wire: ReturnType<typeof aWire>) =>
    wire.texts.flatMap((text) => text.match(/"level":"(\w+)"/)?.[1] ?? []);

  test("that upstreams are asked for is the lowest that any client wants", async () => {
    const { bridge, client, notes, weather } = await aClient();
    const other = await bridge.connect();
    await client.request("logging/setLevel", { level: "error" });
    await other.request("logging/setLevel", { level: "info" });
    await client.request("logging/setLevel", { level: "warning" });
    expect(levelsAsked(notes)).toEqual(["error", "info", "info"]);
    expect(levelsAsked(weather)).toEqual([]);
  });

  test("is kept where other replicas find it", async () => {
    const { bridge, client } = await aClient({ decide: () => aPermit });
    await client.request("logging/setLevel", { level: "error" });
    expect([...bridge.sessions.all()].map(({ state }) => state.logLevel)).toEqual(["error"]);
  });
});
