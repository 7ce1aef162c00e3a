import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { keyOf, limitsOf, ownLimits, sharedLimits, textOf } from "../../test/limits.ts";

describe("what has a count of its own", () => {
  const by = (...dimensions: unknown[]) => ownLimits({ id: "fair", by: dimensions, permits: { hour: 100 } });

  test.each<[string, Parameters<typeof aRequest>[0], string]>([
    ["principal", { principal: "alice" }, "principal alice"],
    ["client", { client: { name: "cursor", version: "1" } }, "client cursor"],
    ["session", { sessionId: "session-2" }, "this session"],
    ["tool", { target: "other" }, "tool other"],
    ["tool", { method: "prompts/get" }, "prompt get_forecast"],
    ["tool", { method: "roots/list", target: "roots/list" }, "roots/list"],
  ])("row 56: %s of %j", (dimension, other, name) => {
    expect(keyOf(by(dimension), aRequest(other))).not.toBe(keyOf(by(dimension)));
    expect(textOf(by(dimension), aRequest(other), 3_000)).toBe(
      `Rate limit exceeded: 100/100 requests per hour for ${name} (limit fair); try again in 3 s`,
    );
  });

  test("a global rule tells servers apart by server and by tool", () => {
    const global = (dimension: string) => sharedLimits({ id: "fair", by: [dimension], permits: { hour: 1 } });
    for (const dimension of ["server", "tool"]) {
      expect(keyOf(global(dimension))).not.toBe(keyOf(global(dimension), aRequest({ server: "files" })));
    }
    expect(textOf(global("server"))).toContain("per hour for server weather (limit fair)");
  });

  test("clients without a name share a count", () => {
    expect(textOf(by("client"))).toContain("for clients without a name");
    expect(keyOf(by("client"))).not.toBe(keyOf(by("client"), aRequest({ client: { name: "null", version: "1" } })));
  });

  test("several things together", () => {
    expect(textOf(by("principal", "tool", { argument: "/city" }), aRequest({ principal: "alice" }))).toBe(
      "Rate limit exceeded: 100/100 requests per hour for principal alice, tool get_forecast, this argument /city (limit fair)",
    );
  });

  test("counts differ exactly where one of the things differs", () => {
    const name = fc.constantFrom("a", "b", '"', ",", "a,b", "x".repeat(300), `${"x".repeat(300)}y`);
    const call = fc.record({ principal: name, sessionId: name, target: name });
    const document = by("principal", "session", "tool");
    fc.assert(
      fc.property(call, call, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(keyOf(document, aRequest(one)) === keyOf(document, aRequest(other))).toBe(isSame);
      }),
    );
  });
});

describe("the value of an argument", () => {
  const at = (argument: string) => ownLimits({ id: "fair", by: [{ argument }], permits: { hour: 100 } });
  const keyFor = (pointer: string, given: unknown) => keyOf(at(pointer), aRequest({ arguments: given }));

  test("has a count of its own, whatever the order of its members", () => {
    expect(keyFor("/to", { to: { a: 1, b: [2] } })).toBe(keyFor("/to", { x: 1, to: { b: [2], a: 1 } }));
    const values = [1, "1", 1.5, true, null, "", [], {}, [1], { a: 1 }, "null", "x".repeat(20_000)];
    const keys = [keyFor("/to", {}), ...values.map((to) => keyFor("/to", { to }))];
    expect(new Set(keys).size).toBe(values.length + 1);
  });

  test.each<[string, unknown]>([
    ["", { a: 1 }],
    ["/list/1", { list: [0, { a: 1 }] }],
    ["/a~1b/~0c~01", { "a/b": { "~c~1": { a: 1 } } }],
    ["//x", { "": { x: { a: 1 } } }],
  ])("is found at %j", (pointer, given) => {
    expect(keyFor(pointer, given)).toBe(keyFor("/here", { here: { a: 1 } }));
  });

  test.each<[string, unknown]>([
    ["/to", undefined],
    ["/to", { other: 1 }],
    ["/to/length", { to: [1] }],
    ["/to/01", { to: [1, 2] }],
    ["/to/constructor", { to: {} }],
    ["/to/length", { to: "text" }],
  ])("counts as missing at %s of %j", (pointer, given) => {
    expect(keyFor(pointer, given)).toBe(keyFor(pointer, {}));
  });

  test("is in no key and in no text", () => {
    const document = ownLimits({ id: "fair", by: [{ argument: "/password" }], permits: { hour: 1 }, concurrent: 1 });
    const limits = limitsOf(document, aRequest({ arguments: { password: "hunter2" } }));
    expect(limits).toHaveLength(2);
    for (const { limit, refuse } of limits) {
      expect(`${limit.key} ${refuse(1, 1_000).reason}`).not.toContain("hunter2");
    }
  });

  test("may be nested deeper than any recursion survives", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 200_000; level += 1) deep = [deep];
    expect(keyFor("/to", { to: deep })).not.toBe(keyFor("/to", {}));
  });
});
