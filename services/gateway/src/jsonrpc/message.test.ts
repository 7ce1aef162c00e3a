import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readClientMessage, readUpstreamMessage, splice, textAt } from "./message.ts";

const aCall = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;

const codeOf = (read: () => unknown): unknown => {
  try {
    read();
    return "no failure";
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe("a client's message", () => {
  test("is a request, a notification or a response", () => {
    const kinds = [aCall("{}"), `{"jsonrpc":"2.0","method":"x"}`, `{"jsonrpc":"2.0","id":1,"result":{}}`];
    expect(kinds.map((text) => readClientMessage(text).kind)).toEqual(["request", "notification", "response"]);
  });

  test.each([
    ["1", "1"],
    [`"1"`, `"1"`],
    ["12345678901234567890", "12345678901234567890"],
    [`"with \\"quotes\\""`, `"with \\"quotes\\""`],
  ])("keeps its id as the text it is: %s", (id, expected) => {
    expect(readClientMessage(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`).id).toBe(expected);
  });

  test.each([
    ["message.unparsable", "{"],
    ["message.unparsable", ""],
    ["message.invalid", "[]"],
    ["message.invalid", `[${aCall("{}")}]`],
    ["message.invalid", "null"],
    ["message.invalid", `"text"`],
    ["message.invalid", `{"id":1,"method":"ping"}`],
    ["message.invalid", `{"jsonrpc":"1.0","id":1,"method":"ping"}`],
    ["message.invalid", `{"jsonrpc":"2.0","id":null,"method":"ping"}`],
    ["message.invalid", `{"jsonrpc":"2.0","id":{},"method":"ping"}`],
    ["message.invalid", `{"jsonrpc":"2.0","id":1,"method":7}`],
    ["message.invalid", `{"jsonrpc":"2.0","id":1}`],
    ["message.invalid", `{"jsonrpc":"2.0"}`],
    ["message.invalid", `{"jsonrpc":"2.0","id":1,"result":{},"error":{}}`],
    ["message.invalid", `{"jsonrpc":"2.0","id":1,"error":"boom"}`],
    ["message.invalid", aCall("[]")],
    ["message.invalid", aCall("null")],
    ["message.invalid", aCall("7")],
  ])("is refused with %s: %s", (code, text) => {
    expect(codeOf(() => readClientMessage(text))).toBe(code);
  });

  test.each([
    ["at the top", `{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}`],
    ["in the parameters", aCall(`{"name":"safe","name":"unsafe"}`)],
    ["escaped", aCall(`{"name":"safe","n\\u0061me":"unsafe"}`)],
    ["with equal values", aCall(`{"name":"same","name":"same"}`)],
    ["deep in the arguments", aCall(`{"name":"x","arguments":{"list":[1,{"a":1,"a":2}]}}`)],
    ["in a member that nobody knows", aCall(`{"x":[[{"":1,"":1}]]}`)],
    ["that every object has", aCall(`{"__proto__":1,"__proto__":2}`)],
    ["that is a number", aCall(`{"arguments":{"1":1,"\\u0031":2}}`)],
  ])("is refused when it names a member twice %s", (_where, text) => {
    expect(codeOf(() => readClientMessage(text))).toBe("message.duplicate_key");
  });

  test("is refused for a twin of any member of any object, and for nothing else", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (members, choice) => {
        const keys = Object.keys(members);
        const [key = ""] = keys.slice(choice % keys.length);
        const json = JSON.stringify(members);
        expect(codeOf(() => readClientMessage(aCall(`{"arguments":${json}}`)))).toBe("no failure");
        const twin = `${json.slice(0, -1)},${JSON.stringify(key)}:0}`;
        expect(codeOf(() => readClientMessage(aCall(`{"arguments":${twin}}`)))).toBe("message.duplicate_key");
      }),
    );
  });

  test("may be nested 400 deep, and is refused beyond any reason", () => {
    const nested = (depth: number) => aCall(`{"arguments":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`);
    expect(codeOf(() => readClientMessage(nested(400)))).toBe("no failure");
    expect(codeOf(() => readClientMessage(nested(600)))).toBe("message.invalid");
    expect(codeOf(() => readClientMessage(nested(500_000)))).toBe("message.invalid");
  });

  test.each([
    ["one long string", `"${"x".repeat(4_000_000)}"`],
    ["backslashes", `"${"\\\\".repeat(2_000_000)}"`],
    ["escaped quotes", `"${'\\"'.repeat(2_000_000)}"`],
    ["a million numbers", `[${"1,".repeat(1_000_000)}1]`],
    ["objects", `[${`{"a":{}},`.repeat(400_000)}0]`],
  ])("of 4 MB is read in well under a second: %s", (_what, value) => {
    const text = aCall(`{"arguments":{"a":${value}}}`);
    const began = performance.now();
    readClientMessage(text);
    expect(performance.now() - began).toBeLessThan(800);
  });
});

describe("an upstream's message", () => {
  test("may name a member twice: it decides nothing", () => {
    expect(readUpstreamMessage(`{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}`).kind).toBe("response");
  });

  test.each([
    [-32042, "-32042"],
    [-32603, "1.5"],
    [-32603, "1e300"],
    [-32603, `"-32000"`],
    [-32603, "null"],
  ])("has error code %i for %s", (expected, code) => {
    const text = `{"jsonrpc":"2.0","id":1,"error":{"code":${code},"message":"no"}}`;
    expect(readUpstreamMessage(text).error).toEqual({ code: expected, message: "no" });
  });

  test.each([`{"toString":1,"valueOf":1}`, "7", "null"])("has a message as text, be it %s", (message) => {
    const text = `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":${message}}}`;
    expect(readUpstreamMessage(text).error?.message).toBeTypeOf("string");
  });
});

describe("splicing", () => {
  const values = fc.constantFrom("1.10", "12345678901234567890", `"\\u00e9"`, "1E400", "-0.0", `{ "a" : [ ] }`, "null");

  test("replaces one member and leaves every other character", () => {
    fc.assert(
      fc.property(values, values, values, (other, name, rest) => {
        const text = (middle: string) => aCall(` {"x-first":${other} , "name" :${middle}, "arguments":{},"y":${rest}}`);
        const message = readClientMessage(text(name));
        expect(splice(message.text, [[message.span("params.name"), `"forecast"`]])).toBe(text(`"forecast"`));
        expect(textAt(message, "params.name")).toBe(name);
      }),
    );
  });

  test("replaces several in whatever order they stand", () => {
    const message = readClientMessage(
      `{"params":{"_meta":{"progressToken":"p"},"name":"a"},"id":"x","method":"m","jsonrpc":"2.0"}`,
    );
    const edits = ["id", "params.name", "params._meta.progressToken"].map((path) => [message.span(path), "0"] as const);
    expect(splice(message.text, edits)).toBe(
      `{"params":{"_meta":{"progressToken":0},"name":0},"id":0,"method":"m","jsonrpc":"2.0"}`,
    );
  });

  test("adds nothing where there is nothing to replace", () => {
    const message = readClientMessage(`{"jsonrpc":"2.0","method":"m"}`);
    expect(splice(message.text, [[message.span("id"), "1"]])).toBe(message.text);
  });
});
