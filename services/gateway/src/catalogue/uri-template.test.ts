import { describe, expect, test } from "vitest";
import { templateMatcher } from "./uri-template.ts";

describe("a URI fits its template", () => {
  test.each([
    ["weather://{city}/now", "weather://oslo/now"],
    ["weather://{city}/{day}", "weather://oslo/1"],
    ["file:///{+path}", "file:///a/b/c.txt"],
    ["file:///{path}", "file:///a.txt"],
    ["search://x{?q,page}", "search://x?q=1&page=2"],
    ["search://x{?q}", "search://x"],
    ["doc://a{#part}", "doc://a#b/c"],
    ["doc://a{/more*}", "doc://a/b/c"],
    ["{a}{b}://x", "ab://x"],
    ["plain://x", "plain://x"],
  ])("%s: %s", (template, uri) => {
    expect(templateMatcher(template)(uri)).toBe(true);
  });
});

describe("a URI that could not come from a template does not fit it", () => {
  test.each([
    ["weather://{city}/now", "weather://oslo/then"],
    ["weather://{city}/now", "weather://oslo/north/now"],
    ["weather://{city}/now", "weather:///"],
    ["weather://{city}/now", "other://oslo/now"],
    ["file:///{path}", "file:///a/b"],
    ["plain://x", "plain://xy"],
    ["a://{x}/b/{y}", "a://1/2"],
  ])("%s: %s", (template, uri) => {
    expect(templateMatcher(template)(uri)).toBe(false);
  });
});

test("a hostile URI is answered in linear time", () => {
  const matches = templateMatcher(`x://${"{+a}b".repeat(50)}!`);
  const began = performance.now();
  expect(matches(`x://${"b".repeat(1_000_000)}`)).toBe(false);
  expect(performance.now() - began).toBeLessThan(500);
});
