import { expect, test } from "vitest";
import { aPage } from "../../test/offering.ts";
import { readUpstreamMessage } from "../jsonrpc/message.ts";
import { itemsOf, nextCursor } from "./catalogue.ts";

test("an item keeps the text it came as, unknown members and odd numbers included", () => {
  const text = `{ "x-cost":1.10, "name":"forecast", "inputSchema":{"default":12345678901234567890} }`;
  const [item] = itemsOf("tools", aPage("tools", [text]));
  expect(item).toMatchObject({ key: "forecast", text });
  expect(item && text.slice(item.name?.start, item.name?.end)).toBe(`"forecast"`);
});

test("resources are known by URI and templates by their template", () => {
  const keysOf = (kind: "resources" | "templates", text: string) =>
    itemsOf(kind, aPage(kind, [text])).map(({ key }) => key);
  expect(keysOf("resources", `{"uri":"file:///a","name":"A"}`)).toEqual(["file:///a"]);
  expect(keysOf("templates", `{"uriTemplate":"a://{b}","name":"A"}`)).toEqual(["a://{b}"]);
});

test("items without an identity are left out, the others stay", () => {
  const items = itemsOf("tools", aPage("tools", [`{"name":7}`, "null", "[]", `{}`, `{"name":"good"}`]));
  expect(items.map(({ key }) => key)).toEqual(["good"]);
});

test.each([`{}`, `{"tools":{}}`, `{"tools":null}`, "null", `"tools"`])("what is no list has no items: %s", (result) => {
  expect(itemsOf("tools", readUpstreamMessage(`{"jsonrpc":"2.0","id":1,"result":${result}}`))).toEqual([]);
});

test.each([
  [`{"nextCursor":"c"}`, "c"],
  [`{"nextCursor":""}`, ""],
  [`{"nextCursor":7}`, undefined],
  [`{}`, undefined],
  ["null", undefined],
])("the next page of %s is %j", (result, cursor) => {
  expect(nextCursor(readUpstreamMessage(`{"jsonrpc":"2.0","id":1,"result":${result}}`))).toBe(cursor);
});
