import { describe, expect, test } from "vitest";
import { errorTable, GovernanceError, toJsonRpcError } from "./errors.ts";

test("the codes on the wire are frozen: JSON-RPC number, HTTP status, whether a retry may help", () => {
  const wire = Object.fromEntries(
    Object.entries(errorTable).map(([code, { rpc, http, retryable }]) => [code, [rpc, http, retryable]]),
  );
  expect(wire).toEqual({
    "message.unparsable": [-32700, 400, false],
    "message.invalid": [-32600, 400, false],
    "message.duplicate_key": [-32600, 400, false],
    "message.too_large": [-32600, 413, false],
    "method.unknown": [-32601, 404, false],
    "params.invalid": [-32602, 400, false],
    internal: [-32603, 500, false],
    "policy.denied": [-31001, 403, false],
    "policy.unavailable": [-31002, 503, true],
    "audit.unavailable": [-31003, 503, true],
    "upstream.unavailable": [-31011, 502, true],
    "upstream.lost": [-31012, 502, false],
    "upstream.timeout": [-31013, 504, false],
    "upstream.invalid": [-31014, 502, false],
    "client.unknown": [-31021, 404, false],
    "client.unsupported": [-31022, 400, false],
    "client.gone": [-31023, 404, false],
    "client.cancelled": [-31024, 400, false],
    "session.missing": [-31031, 400, false],
    "session.unknown": [-31032, 404, false],
    "session.refused": [-31033, 503, true],
    "http.origin": [-31041, 403, false],
    "http.host": [-31042, 403, false],
    "http.not_acceptable": [-31043, 406, false],
    "http.media_type": [-31044, 415, false],
    "http.method": [-31045, 405, false],
    "http.path": [-31046, 404, false],
    "protocol.version": [-31047, 400, false],
    "request.invalid": [-31051, 400, false],
    "request.unauthorized": [-31053, 401, false],
    "request.forbidden": [-31054, 403, false],
    "policy.invalid": [-31055, 400, false],
    "policy.unknown": [-31056, 404, false],
    "policy.conflict": [-31057, 409, true],
    "record.unknown": [-31058, 404, false],
    "artifact.unfinished": [-31059, 409, true],
    "artifact.queue_full": [-31062, 503, true],
    "jobs.unavailable": [-31060, 503, true],
    "stream.full": [-31061, 503, true],
    "store.unavailable": [-31052, 503, true],
  });
});

test("our own numbers lie outside of what JSON-RPC and MCP keep for themselves, and each is used once", () => {
  const own = Object.values(errorTable)
    .map(({ rpc }): number => rpc)
    .filter((rpc) => rpc > -32_000 || rpc < -32_768);
  expect(new Set(own).size).toBe(own.length);
  const standard = [-32_700, -32_600, -32_601, -32_602, -32_603];
  const rest = Object.values(errorTable).filter(({ rpc }) => !own.includes(rpc));
  expect(rest.every(({ rpc }) => standard.includes(rpc))).toBe(true);
});

describe("a failure", () => {
  test("tells its code and whether a retry may help", () => {
    expect(toJsonRpcError(new GovernanceError("upstream.unavailable", "weather is not connected"))).toEqual({
      code: -31011,
      message: "weather is not connected",
      data: { code: "upstream.unavailable", retryable: true },
    });
  });

  test("that nobody expected hides its text and keeps its cause", () => {
    const cause = new Error("password is hunter2");
    const error = GovernanceError.from(cause);
    expect(JSON.stringify(toJsonRpcError(error))).not.toContain("hunter2");
    expect(error).toMatchObject({ code: "internal", http: 500, cause });
  });

  test("of ours stays what it is", () => {
    const error = new GovernanceError("session.unknown", "gone");
    expect(GovernanceError.from(error)).toBe(error);
  });
});
