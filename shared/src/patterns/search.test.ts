import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { compileSearch } from "./search.ts";

const named = (sources: readonly string[]) => sources.map((source) => ({ name: source, source }));
const foundIn = (value: unknown, ...sources: string[]) => compileSearch(named(sources)).find(value)?.pattern.name;

/** Nested deeper than any recursion survives. */
function nested(depth: number, innermost: unknown): unknown {
  let value = innermost;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function wrapped(layers: number, text: string): string {
  let value = text;
  for (let layer = 0; layer < layers; layer += 1) value = JSON.stringify({ a: value });
  return value;
}

describe("row 62: patterns see", () => {
  test.each<[string, unknown]>([
    ["a string", "drop table x"],
    ["a member's value", { sql: "drop table x" }],
    ["a member's key", { "drop table": {} }],
    ["the key of a scalar", { "drop table": true }],
    ["a key with its value", { drop: "x", "the drop table": 1 }],
    ["an element of an array", { lines: ["ok", ["drop table x"]] }],
    ["a newline for the space", { sql: "drop\ntable x" }],
    ["a tab for the space, in capitals", { sql: "DROP\tTABLE x" }],
    ["a space that no ASCII has", { sql: "drop\u2003table x" }],
    ["compatibility forms", { sql: "ｄｒｏｐ ｔａｂｌｅ x" }],
    ["mathematical letters", { sql: "𝐝𝐫𝐨𝐩 𝐭𝐚𝐛𝐥𝐞" }],
    ["letters of other scripts", { sql: "drоp tаblе" }],
    ["Greek capitals", { sql: "DRΟΡ ΤΑΒLΕ" }],
    ["invisible characters within words", { sql: "dr\u200bop t\u2060able" }],
    ["invisible characters between words", { sql: "drop\u200btable" }],
    ["variation selectors", { sql: "dr\u{e0100}op table" }],
    ["combining marks", { sql: "d\u0336rop table" }],
    ["control characters", { sql: "dr\u0000op ta\u0007ble" }],
    ["the character that separates texts here", { sql: "dr\u001fop table" }],
    [
      "tag characters",
      [...'{"sql":"drop table"}'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join(""),
    ],
    ["a comment for the space", { sql: "drop/* x\n */table" }],
    ["a comment to the end of the line", { sql: "drop -- x\ntable" }],
    ["a comment that MySQL runs", { sql: "/*!50000drop*/ table" }],
    ["comments and look-alikes together", { sql: "drоp/**/table" }],
    ["a block behind what only looks like a comment", { sql: "insert into t values ('--'); drop/**/table x" }],
    ["a block behind a name with #", { sql: "select * from #t; drop/**/table x" }],
    ["a block behind a text that looks like the beginning of one", { sql: "select '/*'; drop/**/table x" }],
    ["a block with another in it", { sql: "drop/*/**/*/table x" }],
    ["a block with the beginning of another in it", { sql: "drop/* /* */table x" }],
    ["quotes within words", { command: "dr''op 'ta'ble" }],
    ["escaped letters", { command: "d\\rop table" }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    ["the variable IFS", { command: "drop${IFS}table" }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    ["what runs within the variable IFS", { command: "${IFS:+`dr''op table`}" }],
    ["a text between two that look like a variable together", ["${IFS", "dr''op table", "}"]],
    ["letters of other scripts behind half a variation selector", { sql: "x \udb40drоp table" }],
    ["embedded JSON", { body: '{"sql":"drop\\ntable"}' }],
    ["JSON in JSON in JSON", { body: wrapped(3, "drop\ntable") }],
    ["a JSON string as text", { body: '"drop\\u0020table"' }],
    ["base64", { blob: btoa("please drop table x") }],
    ["base64 amid a text", `run ${btoa("drop table x")} now`],
    ["base64url", { blob: Buffer.from("drop table ÿÿÿ").toString("base64url") }],
    [
      "base64 in lines",
      Buffer.from(`${" ".repeat(70)}drop table x`)
        .toString("base64")
        .replace(/.{76}/g, "$&\r\n"),
    ],
    ["base64 of UTF-16", Buffer.from("drop table x", "utf16le").toString("base64")],
    ["base64 of JSON", { blob: btoa('{"sql":"drop\\ttable"}') }],
    ["URL-encoding", "drop%20table"],
    ["URL-encoding twice", "drop%2520table"],
    ["form encoding", "drop+table%3B"],
    ["escapes that JSON did not undo", "\\u0064rop\\x20table"],
    ["a literal backslash and n", "drop\\ntable"],
    ["character references", "&#100;rop&#x20;table"],
    ["a member named __proto__", JSON.parse('{"__proto__":{"sql":"drop table"}}')],
    ["a text beside a lone surrogate", { a: "\ud800 drop table \udc00" }],
    ["5,000 levels of nesting", nested(5_000, "drop table x")],
  ])("%s", (_what, value) => {
    expect(foundIn(value, "drop table")).toBe("drop table");
  });

  test("a key with its value, also where that is a number too large for JavaScript", () => {
    expect(foundIn({ password: "hunter2" }, "password: h")).toBeDefined();
    expect(foundIn(JSON.parse('{"key":1e400}'), "key: \\w")).toBeDefined();
  });

  test("no words that only stand in neighbouring texts", () => {
    expect(foundIn(["drop", "table"], "drop\\s+table", "drop.*table")).toBeUndefined();
    expect(foundIn({ a: "drop", b: "table" }, "drop[^z]*table")).toBeUndefined();
    expect(foundIn(["drop%20", "table"], "drop.*table")).toBeUndefined();
    expect(foundIn(["drop /*", "*/ table"], "drop.*table")).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ["no value", undefined],
    ["null", null],
    ["a lone surrogate", { a: "\udfff", "\ud800": null }],
    ["bytes that are no text", Buffer.from([...Array(300).keys()].map((n) => (n * 37) % 256)).toString("base64")],
    ["text that begins as JSON", '{"a": [1, 2'],
    ["5,000 levels of nesting", nested(5_000, "harmless")],
  ])("nothing in %s", (_what, value) => {
    expect(foundIn(value, "drop table", "rm -rf")).toBeUndefined();
  });
});

describe("a find", () => {
  test("names the first pattern of the list, wherever the others are", () => {
    expect(foundIn({ a: "one", b: { c: "two" } }, "two", "one")).toBe("two");
    expect(foundIn({ a: "one", b: { c: "two" } }, "one", "two")).toBe("one");
  });

  test.each<[unknown, string]>([
    ["x", ""],
    [{ a: "x" }, "/a"],
    [{ a: [{}, { "b/c~d": ["", "x"] }] }, "/a/1/b~1c~0d/1"],
    [{ a: { "-x-": {} } }, "/a/-x-"],
    [{ a: { b: '{"c":{"d":"x"}}' } }, "/a/b"],
  ])("in %j points to %s", (value, pointer) => {
    expect(compileSearch(named(["\\bx\\b"])).find(value)?.pointer).toBe(pointer);
  });
});

describe("a pattern", () => {
  test("may be anchored to the ends of a key or a value", () => {
    expect(foundIn({ user: "root" }, "^root$")).toBeDefined();
    expect(foundIn({ root: 1 }, "\\Aroot\\z")).toBeDefined();
    expect(foundIn({ user: "not root" }, "^root$")).toBeUndefined();
    expect(foundIn(["a", "root", "b"], "^root$")).toBeDefined();
    expect(foundIn({ text: "a\nroot\nb" }, "(?m)^root$")).toBeDefined();
  });

  test("may speak of dollars and carets, quoted or in classes", () => {
    expect(foundIn("costs $5", "\\$\\d")).toBeDefined();
    expect(foundIn("a]^b", "[]^]{2}b")).toBeDefined();
    expect(foundIn("a^$b", "\\Q^$\\Eb$")).toBeDefined();
  });

  test("is compiled once, wherever it is used", () => {
    expect(compileSearch(named(["once", "only"]))).toBe(compileSearch(named(["once", "only"])));
    expect(compileSearch(named(["once", "only"]))).not.toBe(compileSearch(named(["only", "once"])));
  });

  test("may share names of groups with another", () => {
    expect(foundIn("two", "(?P<n>one)", "(?P<n>two)")).toBe("(?P<n>two)");
  });

  test("finds what it finds by itself in each key, value and pair", () => {
    const word = fc.constantFrom("root", "a", ":", " ", "-", "", "é", "_", "7", "$");
    const text = fc.array(word, { maxLength: 4 }).map((words) => words.join("").replace(/\s+/g, " "));
    const sources = [
      "\\broot\\b",
      "\\Ba",
      ":\\s*7$",
      "^[a-z]-",
      "\\x{e9}",
      "t: r",
      "(?m)^a$",
      "_{2}",
      "[$^]a",
      "\\Q$\\E7",
    ];
    const search = compileSearch(named(sources));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 3 }), (members) => {
        const value = Object.fromEntries(members);
        const texts = Object.entries(value).flatMap(([key, one]) => [key, one, `${key}: ${one}`]);
        const seen = [...texts, ...texts.map((one) => one.replace(/ +/g, " "))];
        const expected = sources.find((source) => {
          const pattern = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
          return seen.some((one) => pattern.test(one));
        });
        expect(search.find(value)?.pattern.name).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});
