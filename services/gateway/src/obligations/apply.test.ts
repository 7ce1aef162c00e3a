import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apply, deny, redact, truncate, withhold } from "../../test/a-rule.ts";

const SECRET = redact({ patterns: ["s3cr3t"] });

const LONE_SURROGATE = /\p{Surrogate}/u;

const text = (value: string) => JSON.stringify({ content: [{ type: "text", text: value }] });

describe("redact", () => {
  test("masks what a pattern finds in a text, and says where and how often", () => {
    const { text: masked, masked: found } = apply(text("a s3cr3t and s3cr3t"), [SECRET]);
    expect(masked).toBe(text("a [masked] and [masked]"));
    expect(found).toEqual([
      { rule: "results.redact", action: "redact", pattern: "s3cr3t", pointer: "/content/0/text", count: 2 },
    ]);
  });

  test.each([
    ["an embedded resource", `{"content":[{"type":"resource","resource":{"uri":"a://b","text":"s3cr3t"}}]}`],
    ["a resource's contents", `{"contents":[{"uri":"a://b","mimeType":"text/plain","text":"s3cr3t"}]}`],
    ["a URI", `{"content":[{"type":"resource_link","uri":"s3cr3t","name":"b"}]}`],
    ["a prompt's message", `{"messages":[{"role":"user","content":{"type":"text","text":"s3cr3t"}}]}`],
    ["a completion", `{"completion":{"values":["a","s3cr3t"],"total":2}}`],
    ["structured content", `{"structuredContent":{"a":[{"b":"s3cr3t"}]}}`],
    ["a member that MCP does not know", `{"extension":{"b":"s3cr3t"}}`],
    ["metadata of a block", `{"content":[{"type":"text","text":"a","_meta":{"x":"s3cr3t"}}]}`],
    ["a type that is none", `{"content":[{"type":"s3cr3t"}]}`],
  ])("masks in %s", (_, given) => {
    expect(apply(given, [SECRET]).text).toBe(given.replace("s3cr3t", "[masked]"));
  });

  test("masks in base64 that is text, and leaves other bytes alone", () => {
    const blob = (bytes: Buffer) => `{"contents":[{"uri":"a://b","blob":"${bytes.toString("base64")}"}]}`;
    expect(apply(blob(Buffer.from("my s3cr3t")), [SECRET]).text).toBe(blob(Buffer.from("my [masked]")));
    const latin = (text: string) => blob(Buffer.from(text, "latin1"));
    expect(apply(latin("für my s3cr3t: naïve"), [SECRET]).text).toBe(latin("für my [masked]: naïve"));
    const image = blob(Buffer.from([0xff, 0xd8, 0xff, 0x00]));
    expect(apply(image, [SECRET]).text).toBe(image);
  });

  test("masks a number as a text", () => {
    const card = redact({ patterns: ["4\\d{15}"] });
    const given = `{"structuredContent":{"card":4111111111111111,"n":1.10}}`;
    expect(apply(given, [card]).text).toBe(`{"structuredContent":{"card":"[masked]","n":1.10}}`);
  });

  test("masks a value that only its key gives away, and leaves the key", () => {
    const password = redact({ patterns: ["password: \\w+"] });
    const given = `{"structuredContent":{"password":"hunter2","text":"no password"}}`;
    const { text: masked, masked: found } = apply(given, [password]);
    expect(masked).toBe(given.replace("hunter2", "[masked]"));
    expect(found).toMatchObject([{ pointer: "/structuredContent/password", count: 1 }]);
  });

  test("masks keys that are data, leaves those that are the protocol's, and tells no key that it masked", () => {
    const given = `{"structuredContent":{"s3cr3t":{"x":"s3cr3t"},"my s3cr3t":1}}`;
    const { text: masked, masked: found } = apply(given, [SECRET]);
    expect(masked).toBe(`{"structuredContent":{"[masked]":{"x":"[masked]"},"my [masked] (2)":1}}`);
    expect(found.map(({ pointer }) => pointer)).toEqual(["/structuredContent/*", "/structuredContent/*/x"]);
    expect(JSON.stringify(found.map(({ pointer }) => pointer))).not.toContain("s3cr3t");
    expect(apply(text("text"), [redact({ patterns: ["text"] })]).text).toBe(text("[masked]"));
  });

  test("by pointer masks values of any kind, and everything below", () => {
    const users = redact({ pointers: ["/structuredContent/users/*/mail", "/structuredContent/all"] });
    const given = `{"structuredContent":{"users":[{"mail":"a@b","n":1},{"mail":7}],"all":{"x":[true,null,"y"]}}}`;
    expect(apply(given, [users]).text).toBe(
      `{"structuredContent":{"users":[{"mail":"[masked]","n":1},{"mail":"[masked]"}],"all":{"x":["[masked]",null,"[masked]"]}}}`,
    );
  });

  test("by pointer into structured content masks the same in the text that mirrors it", () => {
    const mail = redact({ pointers: ["/structuredContent/mail"] });
    const given = (value: string) => `{"mail": ${value}, "n":1.10}`;
    const result = (value: string) => `{"content":[{"type":"text","text":${JSON.stringify(given(value))}}]}`;
    const { text: masked, masked: found } = apply(result(`"a@b"`), [mail]);
    expect(masked).toBe(result(`"[masked]"`));
    expect(found).toMatchObject([{ pointer: "/content/0/text", pattern: null }]);
  });

  test("with nothing to look for masks all there is to read, and the result stays valid", () => {
    const given = {
      content: [
        { type: "text", text: "a", annotations: { audience: ["user"], priority: 1 } },
        { type: "image", data: "/9j/AA==", mimeType: "image/png" },
        { type: "resource", resource: { uri: "a://b", blob: "AAAA" } },
      ],
      structuredContent: { n: 1, none: null },
      isError: false,
    };
    const mask = Buffer.from("[masked]").toString("base64");
    expect(JSON.parse(apply(JSON.stringify(given), [redact()]).text)).toEqual({
      content: [
        { type: "text", text: "[masked]", annotations: { audience: ["user"], priority: 1 } },
        { type: "image", data: mask, mimeType: "image/png" },
        { type: "resource", resource: { uri: "a://b", blob: mask } },
      ],
      structuredContent: { n: "[masked]", none: null },
      isError: false,
    });
  });

  test("names many places together, so that its record stays small", () => {
    const many = Array.from({ length: 5_000 }, () => "s3cr3t");
    const { masked } = apply(JSON.stringify({ structuredContent: { many } }), [SECRET]);
    expect(masked.length).toBeLessThan(110);
    expect(masked.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
  });
});

describe("withhold and deny", () => {
  test("object to a result in which they find something, and to no other", () => {
    const rule = withhold({ patterns: ["s3cr3t"] });
    expect(apply(text("s3cr3t"), [rule]).objection).toMatchObject({ action: "withhold", reason: "it is private" });
    expect(apply(text("nothing"), [rule]).objection).toBeUndefined();
    expect(apply(text("anything"), [withhold()]).objection).toBeDefined();
    expect(apply("{}", [withhold()]).objection).toBeUndefined();
  });

  test("see what others mask, and a denial goes before a notice", () => {
    const rules = [SECRET, withhold({ patterns: ["s3cr3t"] }), deny({ patterns: ["s3cr3t"] })];
    expect(apply(text("s3cr3t"), rules).objection).toMatchObject({ action: "deny" });
  });
});

describe("truncate", () => {
  const cut = (value: string, max: number) => {
    const [block] = (JSON.parse(apply(text(value), [truncate(max)]).text) as { content: { text: string }[] }).content;
    return block?.text;
  };

  test("cuts longer texts and says how long they were", () => {
    expect(cut("12345", 5)).toBe("12345");
    expect(cut("123456", 5)).toBe("12345[truncated by policy: 5 of 6 characters]");
    expect(cut("1", 0)).toBe("[truncated by policy: 0 of 1 characters]");
  });

  test("cuts no character in two", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (value, max) => {
        expect(LONE_SURROGATE.test(cut(value, max) ?? "")).toBe(false);
      }),
    );
  });

  test("leaves bytes, URIs and the protocol's own alone", () => {
    const given = `{"contents":[{"uri":"file:///long","mimeType":"text/plain","blob":"/9j/AAECAwQFBgc="}]}`;
    expect(apply(given, [truncate(8)]).text).toBe(given);
  });
});

test("a rule on trial looks, says what it found, and changes nothing", () => {
  const given = text("my s3cr3t");
  const trial = { shadow: true } as const;
  const rules = [redact({ patterns: ["s3cr3t"], ...trial }), withhold(trial), deny(trial)];
  const { text: same, masked, objection } = apply(given, rules);
  expect([same, objection]).toEqual([given, undefined]);
  expect(masked.map(({ action, shadow }) => [action, shadow])).toEqual([
    ["redact", true],
    ["withhold", true],
    ["deny", true],
  ]);
});

describe("what an upstream says besides its answer", () => {
  test("is masked where it says something, and stays a message of its kind", () => {
    const given = `{"progressToken":"s3cr3t","progress":1,"message":"s3cr3t"}`;
    expect(apply(given, [SECRET], "params").text).toBe(`{"progressToken":"s3cr3t","progress":1,"message":"[masked]"}`);
    const log = `{"level":"info","logger":"x","data":{"s3cr3t":"s3cr3t"}}`;
    expect(apply(log, [redact()], "params").text).toBe(`{"level":"info","logger":"x","data":{"s3cr3t":"[masked]"}}`);
    const form = `{"message":"a","requestedSchema":{"type":"object","properties":{"a":{"type":"string"}}}}`;
    expect(apply(form, [redact()], "params").text).toBe(form.replace(`"a"`, `"[masked]"`));
  });

  test("is no part of what pointers into the result lead to", () => {
    const given = `{"message":"a"}`;
    expect(apply(given, [redact({ pointers: ["/message"] })], "params").text).toBe(given);
  });

  test("errors are masked in message and data", () => {
    const given = `{"code":-32000,"message":"s3cr3t","data":{"x":"s3cr3t"}}`;
    const { text: masked } = apply(given, [SECRET], "error");
    expect(masked).toBe(`{"code":-32000,"message":"[masked]","data":{"x":"[masked]"}}`);
  });
});
