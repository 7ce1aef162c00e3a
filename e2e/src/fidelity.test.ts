import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRaw } from "./client/raw.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeSystems } from "./describe-systems.ts";
import { echo, remote } from "./system/configuration.ts";
import { startEchoHttp } from "./system/echo-http.ts";
import { annotatedDefinition, oddResult } from "./upstreams/echo-tools.ts";

let overHttp: Awaited<ReturnType<typeof startEchoHttp>>;
beforeAll(async () => {
  overHttp = await startEchoHttp();
});
afterAll(() => overHttp.stop());

const settings = async () => ({ servers: { echo: echo(), remote: remote(overHttp.url) } });

const oddArguments = `{"big":12345678901234567890,"price":1.10,"huge":1E400,"minus":-0.0,"a.b":{"$c":[1.0,{"$$":null}]},"half":"\\ud800","text":"\\u00e9é\\/"}`;

const resultOf = (response: string): { content: { text: string }[] } =>
  (JSON.parse(response) as { result: { content: { text: string }[] } }).result;

describeSystems("what is relayed", settings, (system) => {
  describe.each(["echo", "remote"])("through an upstream on %s", (server) => {
    test("reaches the upstream as the text it was", async () => {
      const session = await openRaw(system().url());
      const response = await session.call(`${server}_mirror`, oddArguments);
      expect(resultOf(response).content[0]?.text).toContain(oddArguments);
    });

    test("keeps members of the request that nobody knows", async () => {
      const session = await openRaw(system().url());
      const answer = await session.post(
        `{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"x-first":[1.0],"name":"${server}_mirror","arguments":{},"_meta":{"example.com/trace":1.10},"x-last":12345678901234567890}}`,
      );
      const received = resultOf(answer.messages.at(-1) ?? "").content[0]?.text;
      expect(received).toContain(`"x-first":[1.0]`);
      expect(received).toContain(`"example.com/trace":1.10`);
      expect(received).toContain(`"x-last":12345678901234567890`);
      expect(received).toContain(`"name":"mirror"`);
    });

    test("comes back as the text it was", async () => {
      const session = await openRaw(system().url());
      expect(await session.call(`${server}_odd`)).toContain(oddResult);
    });

    test("comes back under the client's own id, number or text", async () => {
      const session = await openRaw(system().url());
      for (const id of [7, "seven", 9007199254740991, 'with "quotes"']) {
        const params = { name: `${server}_echo`, arguments: { message: "id" } };
        const answer = await session.post({ jsonrpc: "2.0", id, method: "tools/call", params });
        expect(JSON.parse(answer.messages.at(-1) ?? "")).toMatchObject({ id });
      }
    });

    test("keeps an upstream's error as it was", async () => {
      const session = await openRaw(system().url());
      const response = await session.call(`${server}_refuse`);
      expect(response).toContain(`"code":-32042`);
      expect(response).toContain(`"message":"refused"`);
      expect(response).toContain(`"n":1.10`);
    });

    test("keeps every ornament of a tool's definition but its name", async () => {
      const session = await openRaw(system().url());
      const answer = await session.post({ jsonrpc: "2.0", id: 1, method: "tools/list" });
      expect(answer.text).toContain(annotatedDefinition);
      expect(answer.text).toContain(`"name":"${server}_annotated"`);
    });
  });

  test("is recorded too, numbers and half characters included", async () => {
    const session = await openRaw(system().url());
    await session.call("echo_annotated", oddArguments);
    await toolLogs(system(), { server_name: "echo", tool_name: "annotated" });
    const query = new URLSearchParams({ server_name: "echo", tool_name: "annotated" });
    const response = await fetch(`http://127.0.0.1:${system().basePort}/governance/tool-logs?${query}`);
    const text = await response.text();
    expect(text).toContain("12345678901234567890");
    expect(text).toContain("1.10");
  });

  // A decision request carries the arguments over NATS, whose default limit is 1 MiB.
  test("may be as large as 700 KiB each way", async () => {
    const session = await openRaw(system().url());
    const message = "x".repeat(700 * 1024);
    const response = await session.call("echo_echo", JSON.stringify({ message }));
    expect(resultOf(response).content[0]?.text).toHaveLength(message.length);
  });
});
