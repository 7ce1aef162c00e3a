import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { highSecurity } from "./high-security.ts";
import { jsonLength } from "./json-length.ts";

const check = highSecurity("weather.high_security");
const facts = { now: new Date() };

/** Arguments whose JSON text has exactly `size` characters. */
const sized = (size: number) => ({ text: "x".repeat(size - '{"text":""}'.length) });

describe("high security", () => {
  test("refuses a sensitive operation in the seed's words", () => {
    expect(check(aRequest({ target: "drop-collection" }), facts)).toEqual({
      code: "high_security_sensitive_operation",
      rule: "weather.high_security",
      reason: "High security mode: drop-collection contains sensitive operation",
    });
  });

  test.each([
    "drop-collection",
    "dropCollection",
    "DROP_COLLECTION",
    "delete_file",
    "deleteURL",
    "HTTPDelete",
    "DELETEfile",
    "collection.remove",
    "truncate",
    "exec2",
    "run/eval",
    "wipe_all",
    "purgeQueue",
    "destroy-cluster",
    "erase_disk",
    "kill_process",
    "terminateInstances",
    "rm",
    "unlink_file",
    "uninstall_package",
  ])("row 63: takes %s for sensitive", (target) => {
    expect(check(aRequest({ target }), facts)?.code).toBe("high_security_sensitive_operation");
    expect(check(aRequest({ method: "prompts/get", target }), facts)?.code).toBe("high_security_sensitive_operation");
  });

  test.each([
    "retrieval_search",
    "dropdown_list",
    "DROPTABLE",
    "execute",
    "execute_query",
    "evaluate",
    "undeleted",
    "removed",
    "list_deleted_files",
    "killer_features",
    "alarm",
    "model",
    "",
  ])("row 63: has nothing against %s", (target) => {
    expect(check(aRequest({ target }), facts)).toBeUndefined();
  });

  test("row 63: refuses a tool that says of itself that it destroys, whatever its name", () => {
    expect(check(aRequest({ target: "reset", annotations: { destructiveHint: true } }), facts)).toEqual({
      code: "high_security_sensitive_operation",
      rule: "weather.high_security",
      reason: "High security mode: reset is destructive by its own account",
    });
  });

  test.each([
    {},
    { destructiveHint: false },
    { destructiveHint: "true" },
    { readOnlyHint: false },
    { readOnlyHint: true, destructiveHint: true },
  ])("row 63: has nothing against a tool for saying %j", (annotations) => {
    expect(check(aRequest({ target: "reset", annotations }), facts)).toBeUndefined();
  });

  test("row 63: no hint of an upstream lifts a refusal", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (readOnlyHint, destructiveHint) => {
        const request = aRequest({ target: "delete_file", annotations: { readOnlyHint, destructiveHint } });
        expect(check(request, facts)?.code).toBe("high_security_sensitive_operation");
      }),
    );
  });

  test("does not read the address of a resource as an operation", () => {
    const request = aRequest({ method: "resources/read", target: "file:///how-to-delete.md" });
    expect(check(request, facts)).toBeUndefined();
  });

  test("row 64: allows arguments of 10,000 characters", () => {
    expect(check(aRequest({ arguments: sized(10_000) }), facts)).toBeUndefined();
  });

  test("row 64: refuses arguments of 10,001 characters in the seed's words", () => {
    expect(check(aRequest({ arguments: sized(10_001) }), facts)).toEqual({
      code: "high_security_parameter_size",
      rule: "weather.high_security",
      reason: "High security mode: Parameter size too large (10001 chars)",
    });
  });
});

describe("the size of arguments", () => {
  test("is the length of their JSON text", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 5 }), (value) => {
        expect(jsonLength(value)).toBe(JSON.stringify(value).length);
      }),
    );
  });

  test("counts lone surrogates and members named __proto__", () => {
    const value: unknown = JSON.parse('{"__proto__":[1,2,{"\\ud800":"\\udc00"}]}');
    expect(jsonLength(value)).toBe(JSON.stringify(value).length);
  });

  test("is 0 without arguments", () => {
    expect(jsonLength(undefined)).toBe(0);
  });

  test("can be told at any depth", () => {
    const depth = 200_000;
    let value: unknown[] = [];
    for (let level = 1; level < depth; level += 1) value = [value];
    expect(jsonLength(value)).toBe(depth * 2);
  });
});
