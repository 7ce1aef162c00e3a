import type { Published } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aBatch, aCompleted, aDecided, aDenied } from "../../test/builders.ts";
import { documentOf, find, now } from "../../test/writes.ts";
import { coalesce } from "../coalesce.ts";
import { eraOf } from "./era.ts";
import { toWrites } from "./to-writes.ts";

describe("how much of a call is kept", () => {
  const callOf = (...events: Published[]) => find(coalesce(toWrites(aBatch(...events), now)), "tool_logs")[0];

  test("row 76: an outline has neither inputs, outputs nor the split of its time", () => {
    const decided = aDecided({ recording: "outline" });
    const call = callOf(decided, aCompleted(decided, { recording: "outline" }));
    expect(documentOf(call!)).toMatchObject({
      status: "success",
      duration_ms: 20,
      ...{
        inputs: null,
        inputs_digest: null,
        input_size: null,
        outputs: null,
        outputs_digest: null,
        output_size: null,
      },
      ...{ policy_ms: null, upstream_ms: null, gateway_ms: null },
      environment: { deployment_mode: "hybrid", governance_enabled: true, detailed_tracking: false },
    });
  });

  test("of a permitted call that is recorded by its decision alone there is no call", () => {
    const decided = aDecided({ recording: "decision" });
    const writes = toWrites(aBatch(decided, aCompleted(decided, { recording: "decision" })), now);
    expect(find(writes, "tool_logs")).toEqual([]);
    expect(find(writes, "governance_logs")).toHaveLength(1);
  });

  test("a denied call is always recorded, by its outline at least", () => {
    const call = callOf(aDenied({ recording: "decision" }));
    expect(documentOf(call!)).toMatchObject({ status: "denied", inputs: null, policy_ms: null, duration_ms: 0.4 });
  });

  test("a result that a rule denied is recorded although its call is not", () => {
    const decided = aDecided({ recording: "decision" });
    const call = callOf(decided, aCompleted(decided, { recording: "decision", status: "denied" }));
    expect(documentOf(call!)).toMatchObject({ status: "denied", tool_name: "forecast", outputs: null, counted: false });
  });

  test("what figures are not to count is marked", () => {
    expect(callOf(aDecided({ counted: false }))?.set).toMatchObject({ counted: false });
  });

  test("the halves of a cut emoji are mended where they are text, and escaped where they are JSON", () => {
    const decided = aDecided({ target: "a\ud83d", inputs: { text: '"\ud83d"', size: 3, truncated: false } });
    const message = `${"x".repeat(65_535)}😀`;
    const call = callOf(decided, aCompleted(decided, { target: "a\ud83d", errorMessage: message }));
    expect(call?.set).toMatchObject({
      tool_name: "a\ufffd",
      inputs: { _json: '"\\ud83d"' },
      error_message: `${"x".repeat(65_535)}\ufffd`,
    });
  });
});

test("requests stand for themselves from the version of 2026-07-28 on", () => {
  const versions = ["2024-11-05", "2026-07-27", "2026-07-28", "2027-01-01", "DRAFT-2027"];
  expect(versions.map(eraOf)).toEqual(["initialize", "initialize", "stateless", "stateless", "initialize"]);
});
