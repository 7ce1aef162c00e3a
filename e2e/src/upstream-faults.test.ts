import { afterAll, beforeAll, expect, test } from "vitest";
import { connectV2, textOf } from "./client/official.ts";
import { openRaw, type RawSession } from "./client/raw.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeSystems } from "./describe-systems.ts";
import { echo, remote } from "./system/configuration.ts";
import { startEchoHttp } from "./system/echo-http.ts";
import { freePort } from "./system/ports.ts";
import { descendantsOf, isRunning } from "./system/process-tree.ts";
import { until } from "./system/until.ts";

const UPSTREAM_LOST = -31012;
const RECOVERY_MS = 10_000;

let overHttp: Awaited<ReturnType<typeof startEchoHttp>>;
beforeAll(async () => {
  overHttp = await startEchoHttp();
});
afterAll(() => overHttp.stop());

const settings = async () => ({
  servers: {
    fragile: echo(),
    healthy: echo(),
    remote: remote(overHttp.url),
    hasty: { ...echo(), timeout: 1_000 },
    missing: { transport: "stdio", command: "/no/such/command", governance: { governance_prefix: "missing" } },
    unreachable: remote(`http://127.0.0.1:${await freePort()}/mcp`),
  },
});

const resultText = (response: string): string => textOf((JSON.parse(response) as { result?: unknown }).result ?? {});
const errorOf = (response: string) => (JSON.parse(response) as { error?: { code: number; message: string } }).error;

/** Calls until the answer is a result, and returns it. */
const callUntilAnswered = (session: RawSession, tool: string): Promise<string> =>
  until(async () => resultText(await session.call(tool)) || undefined, {
    what: `${tool} answers again`,
    withinMs: RECOVERY_MS,
  });

describeSystems("an upstream's fault", settings, (system) => {
  test("does not hold up the start: what is there can be called", async () => {
    const client = await connectV2(system().url());
    expect(textOf(await client.callTool({ name: "healthy_echo", arguments: { message: "here" } }))).toBe("here");
    const { upstreams } = (await (await fetch(`http://127.0.0.1:${system().basePort}/readyz`)).json()) as {
      upstreams: Record<string, { state: string }>;
    };
    expect(upstreams.healthy?.state).toBe("connected");
    expect(upstreams.missing?.state).not.toBe("connected");
    expect(upstreams.unreachable?.state).not.toBe("connected");
  });

  test("in the middle of a call ends that call, replays nothing, and heals by itself", async () => {
    const session = await openRaw(system().url());
    const pid = Number(resultText(await session.call("fragile_pid")));
    const call = session.call("fragile_slow", `{"ms":20000}`);
    const began = performance.now();
    setTimeout(() => process.kill(pid, "SIGKILL"), 300);
    expect(errorOf(await call)).toMatchObject({ code: UPSTREAM_LOST });
    expect(performance.now() - began).toBeLessThan(3_000);

    const listed = await session.post({ jsonrpc: "2.0", id: "l", method: "tools/list" });
    expect(listed.text).toContain("fragile_echo");

    const heir = Number(await callUntilAnswered(session, "fragile_pid"));
    expect(heir).not.toBe(pid);
    expect(resultText(await session.call("fragile_seen"))).not.toContain("slow");
    const logs = await toolLogs(system(), { server_name: "fragile", tool_name: "slow" });
    expect(logs).toHaveLength(1);
    expect(logs[0]).toMatchObject({ status: "error", outcome: { transport: "lost" } });
  });

  test("that it brings on itself is told to the call that was there, and to no other", async () => {
    const session = await openRaw(system().url());
    await callUntilAnswered(session, "fragile_pid");
    const bystander = session.call("healthy_slow", `{"ms":600}`);
    expect(errorOf(await session.call("fragile_crash"))).toMatchObject({ code: UPSTREAM_LOST });
    expect(resultText(await bystander)).toBe("at last");
    await callUntilAnswered(session, "fragile_pid");
  });

  test("of being slow delays nobody else, not even on the same upstream", async () => {
    const session = await openRaw(system().url());
    const slow = session.call("healthy_slow", `{"ms":2000}`);
    const began = performance.now();
    for (let times = 0; times < 10; times += 1) {
      expect(resultText(await session.call("healthy_echo", `{"message":"quick"}`))).toBe("quick");
      expect(resultText(await session.call("remote_echo", `{"message":"quick"}`))).toBe("quick");
    }
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(resultText(await slow)).toBe("at last");
  });

  test("of talking nonsense harms nobody, and its second answer to a call is not heard", async () => {
    const session = await openRaw(system().url());
    expect(resultText(await session.call("healthy_babble"))).toBe("sense");
    expect(resultText(await session.call("healthy_echo", `{"message":"after"}`))).toBe("after");
  });

  test("of answering at great length is no fault", async () => {
    const session = await openRaw(system().url());
    expect(resultText(await session.call("healthy_large", `{"size":12000000}`))).toHaveLength(12_000_000);
  });

  test("of not answering in time ends the call with a timeout and tells the upstream", async () => {
    const session = await openRaw(system().url());
    expect(errorOf(await session.call("hasty_slow", `{"ms":20000}`))).toMatchObject({ code: -31013 });
    const seen = async () => resultText(await session.call("hasty_seen")).includes(`"cancelled":1`);
    await until(seen, { what: "the upstream was told", withinMs: 5_000 });
  });

  test("of being gone on HTTP is told at once, and heals when it is back", async () => {
    const session = await openRaw(system().url());
    expect(resultText(await session.call("remote_echo", `{"message":"before"}`))).toBe("before");
    await overHttp.stop();
    const began = performance.now();
    expect(errorOf(await session.call("remote_echo", `{"message":"gone"}`))?.code).toBeLessThanOrEqual(-31011);
    expect(performance.now() - began).toBeLessThan(2_000);
    const listed = await session.post({ jsonrpc: "2.0", id: "l", method: "tools/list" });
    expect(listed.text).toContain("remote_echo");
    overHttp = await startEchoHttp(overHttp.port);
    await callUntilAnswered(session, "remote_pid");
  });

  // Last, for it stops the system.
  test("or none, no child process is left after the stop", async () => {
    const client = await connectV2(system().url());
    await client.callTool({ name: "healthy_pid", arguments: {} });
    const children = (await Promise.all(system().pids().map(descendantsOf))).flat();
    expect(children.length).toBeGreaterThanOrEqual(3);
    await client.close();
    await system().stop();
    expect(children.filter(isRunning)).toEqual([]);
  });
});
