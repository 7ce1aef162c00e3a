import { errorTable } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aDenial } from "../../test/builders.ts";
import { denialText } from "./denial.ts";

describe("a denial", () => {
  const facts = {
    decisionId: aDenial().decisionId,
    code: "rate_limit",
    rule: "weather.rate_limit",
    revision: "r1-0123456789ab",
  };

  test("of a tool call is a result that a model can read", () => {
    expect(JSON.parse(denialText(`"a"`, "tools/call", aDenial({ retryAfterMs: 1_500 })))).toEqual({
      jsonrpc: "2.0",
      id: "a",
      result: {
        content: [{ type: "text", text: "Governance denied: Rate limit exceeded" }],
        isError: true,
        _meta: { "mcp-governance-bridge/denial": { ...facts, retryAfterMs: 1_500 } },
      },
    });
  });

  test("of anything else is an error with the same facts", () => {
    expect(JSON.parse(denialText("1", "resources/read", aDenial()))).toEqual({
      jsonrpc: "2.0",
      id: 1,
      error: {
        code: -31001,
        message: "Governance denied: Rate limit exceeded",
        data: { code: "policy.denied", retryable: false, "mcp-governance-bridge/denial": facts },
      },
    });
  });

  test.each([
    ["policy_unavailable", "policy.unavailable"],
    ["policy_error", "policy.unavailable"],
    ["counters_unavailable", "policy.unavailable"],
    ["audit_unavailable", "audit.unavailable"],
    ["time_restriction", "policy.denied"],
    ["security_pattern", "policy.denied"],
  ] as const)("for %s is the error %s", (code, expected) => {
    const { error } = JSON.parse(denialText("1", "prompts/get", aDenial({ code }))) as { error: { code: number } };
    expect(error).toMatchObject({ code: errorTable[expected].rpc, data: { code: expected } });
  });
});
