import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Configuration, Server } from "@mcp-governance-bridge/shared/configuration";
import { describe, expect, onTestFinished, test } from "vitest";
import { connectClient } from "../test/client.ts";
import { aChild, freePort, startGateway } from "../test/gateway.ts";
import { isRunning } from "../test/is-running.ts";
import { until } from "../test/until.ts";

/** A gateway with the servers `a` and `b`, a client of it, and what it sees. */
async function aGateway() {
  const port = await freePort();
  const servers = [aChild("a", port, ["--with-tool"]), aChild("b", port, ["--with-tool"])] as const;
  const started = await startGateway([...servers]);
  const { gateway, configuration, ready, at } = started;
  const connected = (name: string) => expect.poll(async () => (await ready()).upstreams[name]?.state).toBe("connected");
  await connected("a");
  await connected("b");
  const client = await connectClient(`${at(port)}/mcp`);
  const tools = async () => {
    const { result } = await client.request("tools/list");
    const list = result?.tools as { name: string }[] | undefined;
    return (list ?? []).map(({ name }) => name);
  };
  const pid = async (tool: string) => Number((await client.request("tools/call", { name: tool })).result?.pid);
  const reload = (changes: Partial<Configuration>) => gateway.reload({ ...configuration, ...changes });
  return { ...started, servers, port, client, tools, pid, reload, connected };
}

const governed = (server: Server, governance: Partial<Server["governance"]>): Server => ({
  ...server,
  governance: { ...server.governance, ...governance },
});

describe("row 95: another configuration", () => {
  test("starts and publishes a server that was added, and tells the clients", async () => {
    const { servers, port, client, tools, reload, connected } = await aGateway();
    const stream = await client.listen();
    await reload({ servers: [...servers, aChild("c", port, ["--with-tool"])] });
    await connected("c");
    await until(() => stream.messages.some(({ method }) => method === "notifications/tools/list_changed"));
    expect(await tools()).toEqual(["a_pid", "a_slow", "b_pid", "b_slow", "c_pid", "c_slow"]);
  });

  test("takes a removed server out at once, and ends it once its calls have ended", async () => {
    const { servers, client, tools, pid, reload, ready } = await aGateway();
    const gone = await pid("b_pid");
    const slow = client.request("tools/call", { name: "b_slow" });
    await client.request("ping");
    await reload({ servers: [servers[0]] });
    expect(await tools()).toEqual(["a_pid", "a_slow"]);
    expect(isRunning(gone)).toBe(true);
    expect(await slow).toMatchObject({ result: { slow: true } });
    await until(() => !isRunning(gone));
    expect(Object.keys((await ready()).upstreams)).toEqual(["a"]);
  });

  test("leaves the process of a server alone that is reached as before, whatever else changes of it", async () => {
    const { servers, pid, reload, tools, bus, client } = await aGateway();
    const before = await pid("a_pid");
    const changed = governed(servers[0], { governance_prefix: "x", log_inputs: false });
    await reload({ servers: [changed, servers[1]] });
    expect(await tools()).toContain("x_pid");
    expect(await pid("x_pid")).toBe(before);
    expect((await client.request("tools/call", { name: "a_pid" })).error?.message).toBe("Unknown tool: a_pid");
    const decided = bus.published.flatMap(({ subject, event }) =>
      subject === "governance.call.decided" ? [event] : [],
    );
    expect(decided).toMatchObject([{ inputs: { text: "{}" } }, { inputs: null }]);
  });

  test("replaces a server that is reached otherwise, without a moment without it", async () => {
    const { servers, client, pid, reload } = await aGateway();
    const before = await pid("a_pid");
    const slow = client.request("tools/call", { name: "a_slow" });
    const other = { ...servers[0], transport: { ...servers[0].transport, env: { OTHER: "1" } } } as Server;
    let isReloaded = false;
    const reloading = reload({ servers: [other, servers[1]] }).finally(() => {
      isReloaded = true;
    });
    while (!isReloaded) expect(await pid("a_pid")).toBeGreaterThan(0);
    await reloading;
    expect(await slow).toMatchObject({ result: { slow: true } });
    expect(await pid("a_pid")).not.toBe(before);
    await until(() => !isRunning(before));
  });

  test("switches a server off, and on again", async () => {
    const { servers, tools, reload, ready, connected } = await aGateway();
    await reload({ servers: [servers[0], { ...servers[1], disabled: true }] });
    expect(await tools()).toEqual(["a_pid", "a_slow"]);
    expect((await ready()).upstreams.b?.state).toBe("disabled");
    await reload({ servers: [...servers] });
    await connected("b");
    await expect.poll(tools).toContain("b_pid");
  });

  test("opens new ports and closes those that are gone", async () => {
    const { servers, at, port, tools, reload, gateway } = await aGateway();
    const further = await freePort();
    await reload({ servers: [servers[0], { ...servers[1], port: further }] });
    expect(gateway.listeners.map((listener) => listener.port)).toEqual([port, further]);
    expect(await tools()).toEqual(["a_pid", "a_slow"]);
    const there = await connectClient(`${at(further)}/mcp`);
    expect((await there.request("tools/call", { name: "b_pid" })).result?.pid).toBeGreaterThan(0);
    await reload({ servers: [...servers] });
    await expect
      .poll(() =>
        fetch(at(further)).then(
          () => "open",
          () => "closed",
        ),
      )
      .toBe("closed");
    expect(await tools()).toContain("b_pid");
  });

  test("that cannot be taken up leaves everything as it was", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void holder.close());
    const { servers, tools, pid, reload, ready, bus } = await aGateway();
    const before = await pid("b_pid");
    const taken = (holder.address() as AddressInfo).port;
    const other = { ...servers[1], port: taken };
    await expect(reload({ servers: [other] })).rejects.toThrow(`cannot listen: port ${taken}`);
    expect(await tools()).toEqual(["a_pid", "a_slow", "b_pid", "b_slow"]);
    expect(await pid("b_pid")).toBe(before);
    expect((await ready()).status).toBe(200);
    expect(bus.published.filter(({ subject }) => subject === "governance.config.loaded")).toHaveLength(1);
  });

  test("is told as an event, and the last of several is the one that stays", async () => {
    const { servers, tools, reload, bus } = await aGateway();
    await Promise.all([
      reload({ servers: [servers[0]], revision: "one" }),
      reload({ servers: [servers[1]], revision: "two" }),
    ]);
    await expect.poll(tools).toEqual(["b_pid", "b_slow"]);
    const loaded = bus.published.flatMap(({ subject, event }) =>
      subject === "governance.config.loaded" ? [event] : [],
    );
    expect(loaded).toMatchObject([{ revision: "0123456789ab" }, { revision: "one" }, { revision: "two" }]);
  });

  test("of what is the same tells no client that lists have changed", async () => {
    const { servers, client, reload } = await aGateway();
    const stream = await client.listen();
    await reload({ servers: servers.map((server) => ({ ...server })) });
    await client.request("ping");
    expect(stream.messages).toEqual([]);
  });

  test("finds a gateway that closes while it is taken up closed all the same", async () => {
    const { servers, pid, reload, gateway } = await aGateway();
    const before = await pid("a_pid");
    const mute = aChild("a", servers[0].port, ["--mute"]);
    const reloading = reload({ servers: [mute] }).catch(() => undefined);
    await gateway.close();
    await reloading;
    expect(isRunning(before)).toBe(false);
  });
});
