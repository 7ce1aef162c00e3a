import type { Obligation } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aCall, FORECAST } from "../../test/a-call.ts";
import { aLog } from "../../test/a-log.ts";
import { deny, redact, truncate, withhold } from "../../test/a-rule.ts";
import { aPermit, aPermitWith } from "../../test/builders.ts";
import { until } from "../../test/until.ts";

/** A call under these obligations that the upstream answers with this. */
async function answered(obligations: Obligation[], answer: object | string) {
  const { log, lines } = aLog();
  const call = await aCall({ decide: () => aPermitWith(...obligations), log });
  const answering = call.client.start("tools/call", FORECAST);
  const request = await call.sent();
  const rest = typeof answer === "string" ? answer : JSON.stringify(answer).slice(1, -1);
  call.weather.say(`{"jsonrpc":"2.0","id":${request.id},${rest}}`);
  const http = await answering;
  const response = await http.ended;
  return { ...call, text: http.texts.at(-1), response, completed: await call.completed(), lines };
}

const structured = (content: object) => ({ result: { content: [], structuredContent: content } });

describe("a result under a rule", () => {
  test("goes out masked, every other byte as it came, and is recorded as it went out", async () => {
    const rule = redact({ pointers: ["/structuredContent/*/mail"] });
    const result = (mail: string) =>
      `{ "content":[] ,"structuredContent":{"a":{"mail":${mail},"n":9223372036854775807,"p":1.10}}}`;
    const { text, completed } = await answered([rule], `"result":${result(`"a@b.example"`)}`);
    expect(text).toBe(`{"jsonrpc":"2.0","id":1,"result":${result(`"[masked]"`)}}`);
    expect(completed).toMatchObject({
      status: "success",
      outputs: { text: result(`"[masked]"`) },
      masked: [
        { rule: "results.redact", action: "redact", pattern: null, pointer: "/structuredContent/a/mail", count: 1 },
      ],
    });
  });

  test.each([
    ["twice", `"result":{"content":[],"x":"private"},"result":{"content":[]}`],
    ["twice, once escaped", `"re\\u0073ult":{"content":[],"x":"private"},"result":{"content":[]}`],
    ["and something beside it", `"result":{"content":[]},"params":{"x":"private"},"extra":"private"`],
  ])("that is there %s is handed on without what no rule has seen", async (_what, rest) => {
    const { text } = await answered([redact({ pointers: ["/structuredContent"] })], rest);
    expect(text).toBe(`{"jsonrpc":"2.0","id":1,"result":{"content":[]}}`);
  });

  test("without anything to be found is handed on, and recorded as not masked", async () => {
    const { response, completed } = await answered([redact({ pointers: ["/nowhere"] })], structured({ a: 1 }));
    expect(response).toMatchObject(structured({ a: 1 }));
    expect(completed).toMatchObject({ masked: [] });
  });

  test("that withholds becomes a notice", async () => {
    const { response, completed } = await answered([withhold({ pointers: ["/content"] })], {
      result: { content: [{ type: "text", text: "private" }] },
    });
    const result = { content: [{ type: "text", text: "[withheld by policy: it is private]" }] };
    expect(response?.result).toEqual(result);
    expect(completed).toMatchObject({ status: "success", outputs: { text: JSON.stringify(result) } });
    expect(completed.masked).toMatchObject([{ action: "withhold", pointer: "/content/0/text" }]);
  });

  test("that withholds structured content is an error, as it fits no output schema", async () => {
    const { response } = await answered([withhold()], structured({ a: 1 }));
    expect(response?.result).toMatchObject({ isError: true });
    expect(response?.result).not.toHaveProperty("structuredContent");
  });

  test("that denies becomes the denial of the call", async () => {
    const { response, completed, bridge } = await answered([deny()], structured({ a: "hidden" }));
    expect(response?.result).toEqual({
      content: [{ type: "text", text: "Governance denied: it is private" }],
      isError: true,
      _meta: {
        "mcp-governance-bridge/denial": {
          decisionId: aPermit.decisionId,
          code: "result_denied",
          rule: "results.deny",
          revision: aPermit.revision,
        },
      },
    });
    expect(completed).toMatchObject({ status: "denied", outcome: { transport: "ok" }, masked: [{ action: "deny" }] });
    expect(JSON.stringify(completed)).not.toContain("hidden");
    expect(bridge.ended).toEqual(["denied"]);
  });

  test("that cuts says how much there was", async () => {
    const { response } = await answered([truncate(3)], { result: { content: [{ type: "text", text: "12345" }] } });
    expect(response?.result?.content).toEqual([{ type: "text", text: "123[truncated by policy: 3 of 5 characters]" }]);
  });

  test("is masked where it is an error, and so is what is recorded of it", async () => {
    const { response, completed } = await answered([redact()], {
      error: { code: -32000, message: "private", data: "x" },
    });
    expect(response?.error).toEqual({ code: -32000, message: "[masked]", data: "[masked]" });
    expect(completed).toMatchObject({ status: "error", outcome: { rpc: -32000 }, errorMessage: "[masked]" });
  });

  test("is masked in the message of a tool's failure, and so is what is recorded of it", async () => {
    const { completed } = await answered([redact()], {
      result: { isError: true, content: [{ type: "text", text: "private" }] },
    });
    expect(completed).toMatchObject({ outcome: { toolError: true }, errorMessage: "[masked]" });
  });

  test("that cannot be applied is withheld, and the log says why", async () => {
    const rule = redact({ packs: ["no-such-pack"] });
    const { response, completed, lines } = await answered([rule], structured({ a: "private" }));
    expect(JSON.stringify(response)).toContain("[withheld by policy: a rule on results could not be applied]");
    expect(JSON.stringify(response)).not.toContain("private");
    expect(completed.masked).toEqual([
      { rule: "gateway.fail_closed", action: "withhold", pattern: null, pointer: "", count: 1 },
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ level: "error" }));
  });
});

test("a built-in pack finds secrets in a text, in what it embeds, and under names of secrets", async () => {
  const key = "AKIAIOSFODNN7EXAMPLE";
  const found = redact({ packs: ["secrets"] });
  const { response, completed } = await answered([found], {
    result: {
      content: [{ type: "text", text: `use ${key} today` }],
      structuredContent: { keys: [{ id: key }], city: "Oslo" },
    },
  });
  expect(response?.result).toEqual({
    content: [{ type: "text", text: "use [masked] today" }],
    structuredContent: { keys: [{ id: "[masked]" }], city: "Oslo" },
  });
  expect(completed.masked).toMatchObject([
    { pattern: "secrets/aws-access-key", pointer: "/content/0/text", count: 1 },
    { pattern: "secrets/aws-access-key", pointer: "/structuredContent/keys/0/id", count: 1 },
  ]);
  expect(JSON.stringify(completed)).not.toContain(key);
});

test("a large result lets others have their turn while it is looked at", async () => {
  const call = await aCall({ decide: () => aPermitWith(redact({ pointers: ["/structuredContent/none"] })) });
  const answering = call.client.request("tools/call", FORECAST);
  const request = await call.sent();
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  await until(() => call.bridge.told("governance.call.decided").length === 1);
  call.weather.answer(request, { structuredContent: { many: Array.from({ length: 100_000 }, () => "0123456789") } });
  setImmediate(count);
  await call.completed();
  isDone = true;
  expect(turns).toBeGreaterThan(8);
  await answering;
});
