import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileSearch } from "./search.ts";

describe("an encoded value", () => {
  const encodings: ((text: string) => string)[] = [
    (text) => JSON.stringify({ key: text }),
    (text) => JSON.stringify([text]),
    (text) => Buffer.from(text).toString("base64"),
    (text) => Buffer.from(text).toString("base64url"),
    (text) => encodeURIComponent(text),
    (text) => [...text].join("\u200b"),
    (text) => text.replaceAll("o", "о"),
    (text) => text.replaceAll("-", "‐"),
  ];

  test("is found in up to five layers of any kind", () => {
    const search = compileSearch([{ name: "rm", source: "rm\\s+-rf\\s+/opt" }]);
    fc.assert(
      fc.property(fc.array(fc.nat(encodings.length - 1), { maxLength: 5 }), (layers) => {
        const value = layers.reduce((text, layer) => encodings[layer]?.(text) ?? text, "please rm -rf /opt now");
        expect(search.find({ value })).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });
});
