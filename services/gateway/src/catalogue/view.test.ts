import { describe, expect, test } from "vitest";
import { aLog } from "../../test/a-log.ts";
import { anUpstream } from "../../test/offering.ts";
import { KINDS, type Kind } from "./catalogue.ts";
import { View } from "./view.ts";

function aView(...upstreams: ReturnType<typeof anUpstream>[]) {
  const { log, lines } = aLog();
  const view = new View(upstreams, log);
  const named = (kind: Kind): string[] => {
    const list = (JSON.parse(view.listing(kind).text) as Record<string, { name: string }[]>)[KINDS[kind].member];
    return (list ?? []).map(({ name }) => name);
  };
  return { view, named, lines };
}

const tool = (name: string) => `{"name":"${name}"}`;

describe("a view", () => {
  test("lists everything under public names, in the configuration's order", () => {
    const { named, view } = aView(
      anUpstream("b", { tools: [tool("z"), tool("a")] }),
      anUpstream("a", { tools: [tool("m")], prompts: [tool("greet")] }),
    );
    expect(named("tools")).toEqual(["b_z", "b_a", "a_m"]);
    expect(named("prompts")).toEqual(["a_greet"]);
    expect(view.listing("resources").text).toBe(`{"resources":[]}`);
    expect(view.listing("templates").text).toBe(`{"resourceTemplates":[]}`);
  });

  test("changes nothing of an item but its name", () => {
    const text = `{ "title":"T\\u00e9", "name" : "x", "icons":[{"src":"a"}], "cost":1.10, "annotations":{"name":"no"} }`;
    const { view } = aView(anUpstream("w", { tools: [text] }));
    expect(view.listing("tools").text).toBe(`{"tools":[${text.replace(`"x"`, `"w_x"`)}]}`);
  });

  test("lists resources under their own URIs and names", () => {
    const text = `{"name":"n","uri":"file:///a","size":12345678901234567890}`;
    expect(aView(anUpstream("w", { resources: [text] })).view.listing("resources").text).toBe(
      `{"resources":[${text}]}`,
    );
  });

  test("finds a tool by its public name, and whose it is under what name of its own", () => {
    const upstream = anUpstream("w", { tools: [tool("x")], prompts: [tool("p")] });
    const { view } = aView(upstream);
    expect(view.tool("w_x")).toMatchObject({ upstream, item: { key: "x" } });
    expect(view.prompt("w_p")).toMatchObject({ upstream, item: { key: "p" } });
  });

  test.each(["x", "w_", "W_x", "constructor", "__proto__", ""])("knows no tool %j", (name) => {
    const { view } = aView(anUpstream("w", { tools: [tool("x")] }));
    expect(() => view.tool(name)).toThrow(expect.objectContaining({ code: "params.invalid" }));
    expect(() => view.tool(name)).toThrow(`Unknown tool: ${name}`);
  });

  test("knows no prompt and no resource that nobody offers", () => {
    const { view } = aView(anUpstream("w"));
    expect(() => view.prompt("p")).toThrow("Unknown prompt: p");
    expect(() => view.resource("a://b")).toThrow("Unknown resource: a://b");
  });
});

describe("two upstreams that publish the same name", () => {
  const first = anUpstream("first", { tools: [tool("x"), tool("y")] }, { governance_prefix: "same" });
  const second = anUpstream("second", { tools: [tool("x"), tool("z")] }, { governance_prefix: "same" });
  const { view, named, lines } = aView(first, second);

  test("leave it to the first, and the second's is not listed", () => {
    expect(view.tool("same_x").upstream).toBe(first);
    expect(named("tools")).toEqual(["same_x", "same_y", "same_z"]);
  });

  test("are told of in the log, by name", () => {
    expect(lines).toEqual([
      expect.objectContaining({ level: "warn", name: "same_x", first: "first", second: "second" }),
    ]);
  });
});

test("a name that one upstream lists twice is published once, without a warning", () => {
  const { named, lines } = aView(anUpstream("w", { tools: [tool("x"), tool("x")] }));
  expect(named("tools")).toEqual(["w_x"]);
  expect(lines).toEqual([]);
});

test("originals that are not hidden are published beside the public names", () => {
  const { named, view } = aView(anUpstream("w", { tools: [tool("x")] }, { hide_original_tools: false }));
  expect(named("tools")).toEqual(["w_x", "x"]);
  expect(view.tool("x").item.key).toBe("x");
});

test("a rebuilt view has what the upstream offers now", () => {
  const upstream = anUpstream("w", { tools: [tool("old")] });
  const { view, named } = aView(upstream);
  const before = view.tool("w_old");
  upstream.catalogue = anUpstream("w", { tools: [tool("new")] }).catalogue;
  view.rebuild(["tools"]);
  expect(named("tools")).toEqual(["w_new"]);
  expect(() => view.tool("w_old")).toThrow("Unknown tool");
  expect(before.item.key).toBe("old");
});
