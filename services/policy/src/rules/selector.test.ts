import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { compileSelector } from "./selector.ts";

const matches = (selector: Parameters<typeof compileSelector>[0], request = aRequest()) =>
  compileSelector(selector).matches(request);

describe("a selector", () => {
  test("without members matches every call", () => {
    expect(matches({})).toBe(true);
    expect(matches({}, aRequest({ method: "roots/list", target: "roots/list" }))).toBe(true);
  });

  test("matches only where all members do, and names the first that does not", () => {
    const selection = compileSelector({ principals: ["a*"], tools: ["get_*"], servers: ["weather"] });
    expect(selection.matches(aRequest({ principal: "alice" }))).toBe(true);
    expect(selection.mismatch(aRequest({ principal: "alice" }))).toBeUndefined();
    expect(selection.mismatch(aRequest({ principal: "bob" }))).toBe("principals");
    expect(selection.mismatch(aRequest({ principal: "bob", target: "set" }))).toBe("tools");
    expect(selection.mismatch(aRequest({ principal: "bob", target: "set", server: "other" }))).toBe("servers");
  });

  test("asks for at least one of the roles", () => {
    expect(matches({ roles: ["admin", "ops"] }, aRequest({ roles: ["dev", "ops"] }))).toBe(true);
    expect(matches({ roles: ["admin"] }, aRequest({ roles: [] }))).toBe(false);
  });

  test("on clients matches no call of a client without a name", () => {
    expect(matches({ clients: ["*"] }, aRequest({ client: null }))).toBe(false);
    expect(matches({ clients: ["cur*"] }, aRequest({ client: { name: "cursor", version: "1" } }))).toBe(true);
  });

  test("on annotations wants equal values, and a missing one matches nothing", () => {
    expect(matches({ annotations: { destructiveHint: true } })).toBe(false);
    expect(matches({ annotations: { destructiveHint: true } }, aRequest({ annotations: {} }))).toBe(false);
    expect(matches({ annotations: { x: 1 } }, aRequest({ annotations: { x: "1" } }))).toBe(false);
    expect(matches({ annotations: { toString: "x" } }, aRequest({ annotations: {} }))).toBe(false);
    expect(matches({ annotations: { x: 1 } }, aRequest({ annotations: { x: 1, y: 2 } }))).toBe(true);
  });

  test.each([
    ["tools", "tools/call"],
    ["prompts", "prompts/get"],
    ["prompts", "completion/complete"],
    ["resources", "resources/read"],
    ["resources", "resources/subscribe"],
    ["resources", "completion/complete"],
  ] as const)("%s is about %s", (member, method) => {
    expect(matches({ [member]: ["x"] }, aRequest({ method, target: "x" }))).toBe(true);
    expect(matches({ [member]: ["y"] }, aRequest({ method, target: "x" }))).toBe(false);
    expect(matches({ [member]: ["x"] }, aRequest({ method: "roots/list", target: "x" }))).toBe(false);
  });

  test("on tools says nothing about resources of that name", () => {
    expect(matches({ tools: ["*"] }, aRequest({ method: "resources/read" }))).toBe(false);
  });

  test("on tools and resources matches either", () => {
    const both = { tools: ["t"], resources: ["r:*"] };
    expect(matches(both, aRequest({ target: "t" }))).toBe(true);
    expect(matches(both, aRequest({ method: "resources/read", target: "r:1" }))).toBe(true);
    expect(matches(both, aRequest({ target: "r:1" }))).toBe(false);
  });

  test("on methods takes these alone", () => {
    expect(matches({ methods: ["sampling/createMessage"] })).toBe(false);
    expect(matches({ methods: ["tools/call"] })).toBe(true);
  });
});
