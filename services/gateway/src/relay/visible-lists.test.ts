import { GovernanceError, type Visibility, type VisibilityQuery } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { startBridge } from "../../test/bridge.ts";
import { until } from "../../test/until.ts";
import { aWire } from "../../test/wire.ts";

const AWAY = new GovernanceError("policy.unavailable", "the policy service is not running");

/** A bridge before an upstream with two of everything, and a policy whose hidden targets are changeable. */
async function aBridge(options: Parameters<typeof startBridge>[0] = {}) {
  const tools = [{ name: "read", annotations: { readOnlyHint: true } }, { name: "drop" }];
  const named = [{ name: "a" }, { name: "b" }];
  const lists = {
    tools,
    prompts: named,
    resources: [
      { uri: "file:///a", name: "a" },
      { uri: "file:///b", name: "b" },
    ],
    resourceTemplates: [{ uriTemplate: "file:///{x}", name: "x" }],
  };
  const weather = aWire({ capabilities: { tools: {}, prompts: {}, resources: {} }, lists });
  const policy = { revision: "r1-a", hidden: ["drop"], isAway: false, asked: [] as VisibilityQuery[] };
  const visible = async (query: VisibilityQuery): Promise<Visibility> => {
    policy.asked.push(query);
    if (policy.isAway) throw AWAY;
    const hidden = query.items.flatMap(({ target }, index) => (policy.hidden.includes(target) ? [index] : []));
    return { revision: policy.revision, hidden };
  };
  const bridge = await startBridge({ ...options, wires: { weather }, visible });
  const client = await bridge.connect();
  const listed = async (kind = "tools", by = client): Promise<string[]> => {
    const { result, error } = await by.request(`${kind === "resourceTemplates" ? "resources/templates" : kind}/list`);
    if (error) throw new Error(error.message);
    const list = result?.[kind] as { name: string }[] | undefined;
    return (list ?? []).map(({ name }) => name);
  };
  return { bridge, client, weather, policy, listed };
}

describe("a list", () => {
  test("leaves out what its asker can never call", async () => {
    const { listed, policy } = await aBridge();
    expect(await listed()).toEqual(["weather_read"]);
    expect(policy.asked).toEqual([
      {
        principal: "anonymous",
        roles: [],
        client: { name: "test", version: "1.0.0" },
        items: [
          { server: "weather", method: "tools/call", target: "read", annotations: { readOnlyHint: true } },
          { server: "weather", method: "tools/call", target: "drop" },
        ],
      },
    ]);
  });

  test.each([
    ["prompts", "prompts/get", "a", ["weather_b"]],
    ["resources", "resources/read", "file:///a", ["b"]],
    ["resourceTemplates", "resources/read", "file:///{x}", []],
  ])("of %s is asked about as %s", async (...row) => {
    const [kind, method, target, left] = row;
    const { listed, policy } = await aBridge();
    policy.hidden = [target];
    expect(await listed(kind)).toEqual(left);
    expect(policy.asked[0]?.items[0]).toEqual({ server: "weather", method, target });
  });

  test("is the view's own text where nothing is hidden", async () => {
    const { bridge, client, policy } = await aBridge();
    policy.hidden = [];
    const answer = await client.start("tools/list");
    await answer.ended;
    expect(answer.texts[0]).toBe(`{"jsonrpc":"2.0","id":1,"result":${bridge.view.listing("tools").text}}`);
  });

  test("is asked about once for all sessions that are alike, and at once", async () => {
    const { bridge, listed, policy } = await aBridge();
    const other = await bridge.connect();
    await Promise.all([listed(), listed(), listed("tools", other)]);
    await listed();
    expect(policy.asked).toHaveLength(1);
  });

  test("row 93: is asked about anew under another revision, which clients are told of", async () => {
    const { bridge, client, listed, policy } = await aBridge();
    await listed();
    const stream = await client.listen();
    Object.assign(policy, { revision: "r2-b", hidden: ["read"] });
    bridge.revise("r2-b");
    await until(() => stream.messages.length === 3);
    expect(stream.messages.map(({ method }) => method)).toEqual([
      "notifications/tools/list_changed",
      "notifications/prompts/list_changed",
      "notifications/resources/list_changed",
    ]);
    expect(await listed()).toEqual(["weather_drop"]);
  });

  test("waits for a replica of the policy that is a moment behind", async () => {
    const { bridge, listed, policy } = await aBridge();
    bridge.revise("r2-b");
    const listing = listed();
    await until(() => policy.asked.length === 1);
    Object.assign(policy, { revision: "r2-b", hidden: ["read"] });
    expect(await listing).toEqual(["weather_drop"]);
  });

  test("is asked about anew when the catalogue has changed", async () => {
    const { bridge, weather, listed, policy } = await aBridge();
    await listed();
    weather.lists.tools = [{ name: "read" }, { name: "drop" }, { name: "more" }];
    weather.say({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    await until(() => bridge.view.listing("tools").entries.length === 3);
    expect(await listed()).toEqual(["weather_read", "weather_more"]);
    expect(policy.asked).toHaveLength(2);
  });

  test("does not answer for a catalogue or revision that changed while it was asked about", async () => {
    const { bridge, listed, policy } = await aBridge();
    const early = listed();
    await until(() => policy.asked.length === 1);
    Object.assign(policy, { revision: "r2-b", hidden: ["read"] });
    bridge.revise("r2-b");
    await early;
    expect(await listed()).toEqual(["weather_drop"]);
  });

  test("is hidden from nobody's call: a hidden tool that is called is decided like any other", async () => {
    const { bridge, client, weather } = await aBridge();
    const calling = client.request("tools/call", { name: "weather_drop" });
    weather.answer(await until(() => weather.sent.find(({ method }) => method === "tools/call")), {});
    await calling;
    expect(bridge.asked).toMatchObject([{ target: "drop" }]);
  });
});

describe("while the policy service is away, a list", () => {
  test("is refused to who never had one", async () => {
    const { client, policy } = await aBridge();
    policy.isAway = true;
    const { error } = await client.request("tools/list");
    expect(error).toMatchObject({ code: -31002, data: { code: "policy.unavailable" } });
  });

  test("is what its asker last saw, and no more, and right again afterwards", async () => {
    const { bridge, weather, listed, policy } = await aBridge();
    await listed();
    policy.isAway = true;
    bridge.revise("r2-b");
    weather.lists.tools = [{ name: "read" }, { name: "drop" }, { name: "more" }];
    weather.say({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    await until(() => bridge.view.listing("tools").entries.length === 3);
    expect(await listed()).toEqual(["weather_read"]);
    Object.assign(policy, { isAway: false, revision: "r2-b", hidden: ["read"] });
    expect(await listed()).toEqual(["weather_drop", "weather_more"]);
  });

  test.each(["open", { local: 1 }] as const)("is whole in the mode %j", async (onPolicyFailure) => {
    const { listed, policy } = await aBridge({ settings: { onPolicyFailure } });
    policy.isAway = true;
    expect(await listed()).toEqual(["weather_read", "weather_drop"]);
  });

  test("is an error in the mode open too, where it is a fault and no outage", async () => {
    const weather = aWire({ lists: { tools: [{ name: "read" }] } });
    const visible = async () => {
      throw new GovernanceError("message.too_large", "the list is larger than NATS's max_payload");
    };
    const bridge = await startBridge({ settings: { onPolicyFailure: "open" }, wires: { weather }, visible });
    const { error } = await (await bridge.connect()).request("tools/list");
    expect(error).toMatchObject({ data: { code: "message.too_large" } });
  });
});
