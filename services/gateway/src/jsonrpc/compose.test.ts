import { GovernanceError } from "@mcp-governance-bridge/shared";
import { expect, test } from "vitest";
import { errorText, notificationText, requestText, resultText } from "./compose.ts";

test("a response keeps the id's text and the result's", () => {
  expect(resultText(`"7"`, `{"a":1.10}`)).toBe(`{"jsonrpc":"2.0","id":"7","result":{"a":1.10}}`);
});

test("an error says what the table says of its code, and what is added", () => {
  const error = new GovernanceError("policy.denied", "no");
  expect(JSON.parse(errorText(null, error, { rule: "r" }))).toEqual({
    jsonrpc: "2.0",
    id: null,
    error: { code: -31001, message: "no", data: { code: "policy.denied", retryable: false, rule: "r" } },
  });
});

test("requests and notifications are JSON-RPC on one line", () => {
  expect(requestText(1, "x", { a: "\n" })).toBe(`{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":"\\n"}}`);
  expect(notificationText("x")).toBe(`{"jsonrpc":"2.0","method":"x"}`);
  expect(JSON.parse(notificationText("x", { a: 1 }))).toEqual({ jsonrpc: "2.0", method: "x", params: { a: 1 } });
});
