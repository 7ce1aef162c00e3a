import { describe, expect, test } from "vitest";
import { event, introduce, json, resultFor, startHttpUpstream } from "../../test/http-upstream.ts";
import { isRunning } from "../../test/is-running.ts";
import { aRequest, asChild, callsOf, overHttp, startUpstream } from "../../test/start-upstream.ts";
import { until } from "../../test/until.ts";
import { aWire } from "../../test/wire.ts";
import { readClientMessage } from "../jsonrpc/message.ts";

describe("an upstream that starts", () => {
  test("introduces the gateway, then reads every list it offers", async () => {
    const wire = aWire({
      capabilities: { tools: {}, resources: {} },
      lists: { tools: [{ name: "a" }], resources: [{ uri: "a://b" }], resourceTemplates: [{ uriTemplate: "a://{b}" }] },
      instructions: "be kind",
    });
    const { upstream, connected, names, states, told } = startUpstream(wire.connect);
    await connected();
    const methods = wire.texts.map((text) => (JSON.parse(text) as { method: string }).method);
    expect(methods.slice(0, 2)).toEqual(["initialize", "notifications/initialized"]);
    expect(methods.slice(2).toSorted()).toEqual(["resources/list", "resources/templates/list", "tools/list"]);
    expect([names("tools"), names("resources"), names("templates")]).toEqual([["a"], ["a://b"], ["a://{b}"]]);
    expect(upstream.instructions).toBe("be kind");
    expect(states()).toEqual(["connected"]);
    expect(told("governance.catalogue.changed")).toMatchObject([
      {
        server: "weather",
        tools: [{ name: "a", publicName: "weather_a", description: "", definition: `{"name":"a"}` }],
      },
    ]);
  });

  test("answers requests", async () => {
    const wire = aWire();
    const { upstream, connected } = startUpstream(wire.connect);
    await connected();
    const { response } = upstream.request(aRequest());
    wire.answer(await until(() => callsOf(wire)[0]), { done: true });
    expect((await response).result).toEqual({ done: true });
  });

  test("has pages of a list, all of which are read", async () => {
    const upstream = await startHttpUpstream((seen) => {
      if (introduce(seen, { capabilities: { tools: {} } })) return;
      const cursor = Number(seen.rpc.params?.cursor ?? 0);
      const next = cursor < 2 ? { nextCursor: String(cursor + 1) } : {};
      json(seen, resultFor(seen, { tools: [{ name: `t${cursor}` }], ...next }));
    });
    const { connected, names } = startUpstream(overHttp(upstream.port));
    await connected();
    expect(names("tools")).toEqual(["t0", "t1", "t2"]);
  });

  test("has a list that cannot be read: it is connected with the others", async () => {
    const upstream = await startHttpUpstream((seen) => {
      if (introduce(seen, { capabilities: { tools: {}, prompts: {} } })) return;
      if (seen.rpc.method === "tools/list")
        json(seen, { jsonrpc: "2.0", id: seen.rpc.id, error: { code: -1, message: "no" } });
      else json(seen, resultFor(seen, { prompts: [{ name: "greet" }] }));
    });
    const { connected, names, lines } = startUpstream(overHttp(upstream.port));
    await connected();
    expect([names("tools"), names("prompts")]).toEqual([[], ["greet"]]);
    expect(lines.filter(({ level }) => level === "warn")).toMatchObject([{ kind: "tools" }]);
  });

  test("is refused until it is connected, with the reason", async () => {
    const wire = aWire();
    wire.refusing = "out of order";
    const { upstream } = startUpstream(wire.connect);
    expect(() => upstream.request(aRequest())).toThrow("the upstream weather is starting");
    await until(() => upstream.state === "disconnected");
    expect(() => upstream.request(aRequest())).toThrow(
      expect.objectContaining({
        code: "upstream.unavailable",
        message: "the upstream weather is disconnected: out of order",
      }),
    );
  });

  test("may answer nonsense: it is not connected, and is tried again", async () => {
    const upstream = await startHttpUpstream(
      (seen) => void (seen.rpc.id && json(seen, resultFor(seen, { no: "thing" }))),
    );
    const { states } = startUpstream(overHttp(upstream.port));
    await until(() => states().length === 1);
    expect(states()).toEqual(["disconnected"]);
    await until(() => upstream.seen.filter(({ rpc }) => rpc.method === "initialize").length >= 2);
  });

  test("may be switched off: it is never connected", async () => {
    const wire = aWire();
    const { states } = startUpstream(wire.connect, { disabled: true });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([states(), wire.opened]).toEqual([["disabled"], 0]);
  });
});

describe("what an upstream says", () => {
  test("of changed lists makes the gateway read those again", async () => {
    const wire = aWire({ capabilities: { tools: {}, prompts: {} }, lists: { tools: [{ name: "a" }] } });
    const { connected, names, catalogues, told } = startUpstream(wire.connect);
    await connected();
    wire.lists.tools = [{ name: "a" }, { name: "b" }];
    wire.say({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    await until(() => names("tools").length === 2);
    expect(catalogues.at(-1)).toEqual(["tools"]);
    expect(told("governance.catalogue.changed")).toHaveLength(2);
  });

  test("of changed lists that are the same is not told to the tracker", async () => {
    const wire = aWire({ lists: { tools: [{ name: "a" }] } });
    const { connected, catalogues, told } = startUpstream(wire.connect);
    await connected();
    const before = catalogues.length;
    wire.say({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    await until(() => catalogues.length > before);
    expect(told("governance.catalogue.changed")).toHaveLength(1);
  });

  test("otherwise is passed on with its cause", async () => {
    const wire = aWire();
    const { upstream, connected, heard } = startUpstream(wire.connect);
    await connected();
    upstream.request(aRequest()).response.catch(() => {});
    wire.say({ jsonrpc: "2.0", method: "notifications/message", params: {} });
    wire.say({ jsonrpc: "2.0", id: 1, method: "roots/list" });
    expect(heard).toEqual([
      { method: "notifications/message", session: "one" },
      { method: "roots/list", session: "one" },
    ]);
  });

  test.each([`{"valueOf":1,"toString":1}`, "[]", "null"])(
    "with the odd token or level %s over HTTP breaks nothing",
    async (odd) => {
      const upstream = await startHttpUpstream((seen) => {
        if (introduce(seen)) return;
        for (const method of ["progress", "message", "resources/updated", "elicitation/complete", "cancelled"]) {
          const params = `{"progressToken":${odd},"level":${odd},"uri":${odd},"elicitationId":${odd},"requestId":${odd}}`;
          event(seen, `{"jsonrpc":"2.0","method":"notifications/${method}","params":${params}}`);
        }
        event(seen, resultFor(seen, "fine"));
        seen.response.end();
      });
      const { upstream: one, connected } = startUpstream(overHttp(upstream.port));
      await connected();
      expect((await one.request(aRequest()).response).result).toBe("fine");
    },
  );
});

describe("closing an upstream", () => {
  test("leaves no child", async () => {
    const { upstream, connected } = startUpstream(asChild());
    await connected();
    const { response } = upstream.request({
      ...aRequest(),
      message: readClientMessage(`{"jsonrpc":"2.0","id":1,"method":"pid"}`),
    });
    const pid = Number((await response).result);
    expect(isRunning(pid)).toBe(true);
    await upstream.close();
    expect(isRunning(pid)).toBe(false);
  });

  test("does not wait for one that is still starting", async () => {
    const { upstream } = startUpstream(asChild("--mute"));
    const began = performance.now();
    await upstream.close();
    expect(performance.now() - began).toBeLessThan(3_500);
  });

  test("ends the tries to reach it", async () => {
    const wire = aWire();
    wire.refusing = "no";
    const { upstream } = startUpstream(wire.connect);
    await until(() => upstream.state === "disconnected");
    await upstream.close();
    wire.refusing = undefined;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(wire.opened).toBe(0);
  });
});
