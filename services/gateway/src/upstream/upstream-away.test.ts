import { describe, expect, test } from "vitest";
import { introduce, startHttpUpstream } from "../../test/http-upstream.ts";
import { aRequest, asChild, callsOf, overHttp, startUpstream } from "../../test/start-upstream.ts";
import { until } from "../../test/until.ts";
import { aWire } from "../../test/wire.ts";
import type { Connect } from "./connection.ts";

describe("an upstream that is away", () => {
  test("is reached as soon as it appears", async () => {
    const taken = await startHttpUpstream(introduce);
    await taken.stop();
    const { upstream, connected } = startUpstream(overHttp(taken.port));
    await until(() => upstream.state === "disconnected");
    await startHttpUpstream(introduce, taken.port);
    await connected();
  });

  test.each<[string, () => Promise<Connect>]>([
    [
      "refuses connections",
      async () => {
        const gone = await startHttpUpstream(introduce);
        await gone.stop();
        return overHttp(gone.port);
      },
    ],
    ["exits at once", async () => asChild("--exit")],
  ])("and %s is told of once, however often it is tried", async (_how, connect) => {
    let tries = 0;
    const open = await connect();
    const { states } = startUpstream((events) => {
      tries += 1;
      return open(events);
    });
    await until(() => tries >= 3);
    expect(states()).toEqual(["disconnected"]);
  });

  test("keeps its catalogue, loses its calls, and comes back with what it offers then", async () => {
    const wire = aWire({ lists: { tools: [{ name: "old" }] } });
    const { upstream, connected, names, states } = startUpstream(wire.connect);
    await connected();
    const { response } = upstream.request(aRequest());
    await until(() => callsOf(wire)[0]);
    wire.refusing = "not yet";
    wire.breakOff("killed by SIGKILL");
    await expect(response).rejects.toMatchObject({ code: "upstream.lost" });
    expect(names("tools")).toEqual(["old"]);
    wire.lists.tools = [{ name: "new" }];
    wire.refusing = undefined;
    await connected();
    expect(names("tools")).toEqual(["new"]);
    expect(states()).toEqual(["connected", "disconnected", "connected"]);
    expect(callsOf(wire)).toHaveLength(1);
  });

  test("and comes back without a list has nothing of it any more", async () => {
    const wire = aWire({ capabilities: { tools: {}, prompts: {} }, lists: { prompts: [{ name: "greet" }] } });
    const { connected, names, upstream } = startUpstream(wire.connect);
    await connected();
    expect(names("prompts")).toEqual(["greet"]);
    wire.capabilities = { tools: {} };
    wire.breakOff("restarted");
    expect(upstream.state).toBe("disconnected");
    await connected();
    expect(names("prompts")).toEqual([]);
  });

  test("hears again, once it is back, what it was told before", async () => {
    const wire = aWire({ capabilities: { logging: {}, resources: { subscribe: true } } });
    const { upstream, connected } = startUpstream(wire.connect);
    await connected();
    upstream.setLogLevel("warning");
    upstream.subscriptions.add("a://b", "one");
    const before = wire.texts.length;
    wire.breakOff("restarted");
    await connected();
    await until(() => wire.sent.find(({ method }) => method === "resources/subscribe"));
    expect(wire.texts.slice(before).filter((text) => text.includes("logging/setLevel"))).toHaveLength(1);
  });

  test("time and again, soon after each start, is waited for longer and longer", async () => {
    const wire = aWire();
    const { upstream } = startUpstream(wire.connect);
    const began = performance.now();
    for (let times = 1; times <= 3; times += 1) {
      await until(() => upstream.state === "connected" && wire.opened === times);
      wire.breakOff("crashed");
    }
    await until(() => wire.opened === 4);
    // At least three quarters of 250, 500 and 1,000 milliseconds.
    expect(performance.now() - began).toBeGreaterThan(1_300);
  });
});
