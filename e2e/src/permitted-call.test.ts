import { describe, expect, test } from "vitest";
import { connectV1, connectV2, textOf } from "./client/official.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeSystems } from "./describe-systems.ts";
import { echo, reference } from "./system/configuration.ts";

const settings = { servers: { echo: echo(), everything: reference("everything", ["stdio"]) } };

describeSystems("a permitted call", settings, (system) => {
  describe.each([
    ["v1", connectV1],
    ["v2", connectV2],
  ])("of the official SDK's client %s", (name, connect) => {
    test("finds the tools of every server under its prefix", async () => {
      const client = await connect(system().url());
      const { tools } = await client.listTools();
      const names = tools.map((tool) => tool.name);
      expect(names).toContain("echo_echo");
      expect(names).toContain("everything_get-sum");
      expect(new Set(names).size).toBe(names.length);
    });

    test("is answered by the upstream", async () => {
      const client = await connect(system().url());
      const sum = await client.callTool({ name: "everything_get-sum", arguments: { a: 2, b: 3 } });
      expect(textOf(sum)).toContain("5");
      expect(sum.isError).not.toBe(true);
    });

    test("is one record with what went in and what came out", async () => {
      const client = await connect(system().url());
      const message = `for the record, ${name} ${crypto.randomUUID()}`;
      await client.callTool({ name: "echo_echo", arguments: { message } });
      const ours = await toolLogs(system(), { tool_name: "echo" }, { including: message });
      expect(ours).toHaveLength(1);
      expect(ours[0]).toMatchObject({
        status: "success",
        method: "tools/call",
        client: { name: `sdk-${name}`, version: "1.0.0" },
        outputs: { content: [{ type: "text", text: message }] },
        error_message: null,
        denial: null,
      });
      expect(ours[0]?.duration_ms).toBeGreaterThan(0);
      expect(Date.parse(String(ours[0]?.start_time))).toBeLessThanOrEqual(Date.parse(String(ours[0]?.end_time)));
    });
  });

  test("may fail at the upstream, which is the upstream's word and not a denial", async () => {
    const client = await connectV2(system().url());
    const result = await client.callTool({ name: "echo_fail", arguments: {} });
    expect(result).toMatchObject({ isError: true, content: [{ type: "text", text: "it did not work" }] });
    const [log] = await toolLogs(system(), { tool_name: "fail" });
    expect(log).toMatchObject({ status: "error", outcome: { transport: "ok", rpc: null, tool_error: true } });
  });

  test("to a tool that nobody has is refused by name and reaches no upstream", async () => {
    const client = await connectV1(system().url());
    await expect(client.callTool({ name: "echo_nothing", arguments: {} })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining("echo_nothing"),
    });
  });

  test("of many at once is each answered with its own result", async () => {
    const client = await connectV2(system().url());
    const messages = Array.from({ length: 50 }, (_, index) => `call ${index}`);
    const results = await Promise.all(
      messages.map((message) => client.callTool({ name: "echo_echo", arguments: { message } })),
    );
    expect(results.map(textOf)).toEqual(messages);
  });
});
