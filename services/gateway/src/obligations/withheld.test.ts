import { describe, expect, test } from "vitest";
import { readUpstreamMessage } from "../jsonrpc/message.ts";
import { withheldText } from "./withheld.ts";

const TEXT = "[withheld by policy: it is private]";

function withheld(method: string, rest: object) {
  const answer = readUpstreamMessage(JSON.stringify({ jsonrpc: "2.0", id: 7, ...rest }));
  return JSON.parse(withheldText(answer, { method, target: "file:///a", reason: "it is private" })) as object;
}

describe("a withheld result", () => {
  test.each([
    ["tools/call", { content: [{ type: "text", text: TEXT }] }],
    ["resources/read", { contents: [{ uri: "file:///a", mimeType: "text/plain", text: TEXT }] }],
    ["prompts/get", { messages: [{ role: "user", content: { type: "text", text: TEXT } }] }],
    ["completion/complete", { completion: { values: [] } }],
  ])("of %s is a result of its form, and nothing else of it is left", (method, result) => {
    expect(withheld(method, { result: { a: "private" } })).toEqual({ jsonrpc: "2.0", id: 7, result });
  });

  test.each([{ isError: true }, { structuredContent: {} }])("of a tool is an error where it had %j", (had) => {
    expect(withheld("tools/call", { result: { content: [], ...had } })).toMatchObject({ result: { isError: true } });
  });

  test("of a method without texts is an error", () => {
    const error = { code: -31001, message: TEXT, data: { code: "policy.denied", retryable: false } };
    expect(withheld("elicitation/create", { result: {} })).toEqual({ jsonrpc: "2.0", id: 7, error });
  });

  test("is an error where the answer was one", () => {
    const error = { code: -32000, message: "private", data: "private" };
    expect(withheld("tools/call", { error })).toMatchObject({ error: { message: TEXT } });
    expect(JSON.stringify(withheld("tools/call", { error }))).not.toContain(`"private"`);
  });
});
