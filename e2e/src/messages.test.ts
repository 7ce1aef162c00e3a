import { expect, test } from "vitest";
import { initializeRequest, openRaw, post } from "./client/raw.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeSystems } from "./describe-systems.ts";
import { echo } from "./system/configuration.ts";

const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };

describeSystems("the gateway", { servers: { echo: echo() } }, (system) => {
  test.each([
    ["2024-11-05", "2024-11-05"],
    ["2025-03-26", "2025-03-26"],
    ["2025-06-18", "2025-06-18"],
    ["2025-11-25", "2025-11-25"],
    ["1999-01-01", "2025-11-25"],
  ])("asked for version %s offers %s", async (asked, offered) => {
    const params = { ...initializeRequest.params, protocolVersion: asked };
    const opened = await post(system().url(), { ...initializeRequest, params });
    expect(JSON.parse(opened.messages[0] ?? "")).toMatchObject({ result: { protocolVersion: offered } });
  });

  test("answers 400 to what is no JSON, no JSON-RPC, a batch, or names a member twice", async () => {
    const session = await openRaw(system().url());
    for (const body of [
      "{",
      "[]",
      "{}",
      `[${JSON.stringify(list)}]`,
      `{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"ping"}`,
    ]) {
      expect((await session.post(body)).status, body).toBe(400);
    }
  });

  test("answers an unknown method with -32601", async () => {
    const session = await openRaw(system().url());
    const answer = await session.post({ jsonrpc: "2.0", id: 1, method: "tools/destroy" });
    expect(JSON.parse(answer.messages[0] ?? "")).toMatchObject({ id: 1, error: { code: -32601 } });
  });

  test("answers ping by itself", async () => {
    const session = await openRaw(system().url());
    const answer = await session.post({ jsonrpc: "2.0", id: "p", method: "ping" });
    expect(JSON.parse(answer.messages[0] ?? "")).toEqual({ jsonrpc: "2.0", id: "p", result: {} });
  });

  test("answers 202 to a call without an id, and lets it reach nobody", async () => {
    const session = await openRaw(system().url());
    const params = { name: "echo_pid", arguments: {} };
    expect((await session.post({ jsonrpc: "2.0", method: "tools/call", params })).status).toBe(202);
    expect(await session.call("echo_seen")).not.toContain("pid");
  });

  test("answers -32600 to a message so deep that only an attacker would send it", async () => {
    const session = await openRaw(system().url());
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const answer = await session.post(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo_echo","arguments":{"message":${deep}}}}`,
    );
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("-32600");
  });

  test("records a call to its end when its client leaves before the answer", async () => {
    const session = await openRaw(system().url());
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo_slow","arguments":{"ms":600}}}`;
    const leaving = AbortSignal.timeout(200);
    await expect(
      fetch(system().url(), { method: "POST", headers: session.headers, body, signal: leaving }),
    ).rejects.toThrow();
    const [log] = await toolLogs(system(), { tool_name: "slow" });
    expect(log).toMatchObject({ inputs: { ms: 600 } });
  });
});
