import { describe, expect, test } from "vitest";
import { aCall, FORECAST } from "../../test/a-call.ts";

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
