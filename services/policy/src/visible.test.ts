import type { VisibilityQuery } from "@mcp-governance-bridge/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aDecisionPoint } from "../test/a-decision-point.ts";
import { aDocument, type DocumentParts } from "../test/builders.ts";
import { someDocument, someLabels, someRequest } from "../test/random-policies.ts";
import { compilePolicies } from "./compile-policies.ts";
import { visible } from "./visible.ts";

type Item = VisibilityQuery["items"][number];

const aTool = (target: string, overrides: Partial<Item> = {}): Item => ({
  server: "weather",
  method: "tools/call",
  target,
  ...overrides,
});
const aResource = (target: string) => aTool(target, { method: "resources/read" });

function hidden(parts: DocumentParts, items: readonly Item[], asker: Partial<VisibilityQuery> = {}): string[] {
  const query = { principal: "alice", roles: [], client: null, ...asker, items: [...items] };
  const visibility = visible(compilePolicies(aDocument(parts), "r1"), query);
  expect(visibility.revision).toBe("r1");
  return visibility.hidden.flatMap((index) => items[index]?.target ?? []);
}

const tools = [aTool("read"), aTool("write")];

describe("what an asker may never call is hidden", () => {
  test("by rules that deny or need an approval whatever the arguments", () => {
    const policies = [
      { id: "a", effect: "deny" as const, tools: ["write"], principals: ["alice"] },
      { id: "b", effect: "require_approval" as const, tools: ["read"], roles: ["guest"] },
    ];
    expect(hidden({ global: { policies } }, tools)).toEqual(["write"]);
    expect(hidden({ global: { policies } }, tools, { principal: "bob", roles: ["guest"] })).toEqual(["read"]);
  });

  test("not by rules with a condition, on a flow, or on trial", () => {
    const policies = [
      { id: "a", effect: "deny" as const, when: "true" },
      { id: "b", effect: "deny" as const, closes: ["private_data"] },
      { id: "c", effect: "deny" as const, shadow: true },
    ];
    expect(hidden({ server: { policies, labels: [{ labels: ["private_data"] }] } }, tools)).toEqual([]);
  });

  test("by default, unless a rule might allow", () => {
    const policies = [{ id: "a", effect: "allow" as const, tools: ["read"], when: "args.n > 1" }];
    expect(hidden({ global: { default_effect: "deny", policies } }, tools)).toEqual(["write"]);
  });

  test.each<[what: string, server: DocumentParts["server"]]>([
    ["that is disabled", { disabled: true }],
    ["without hours", { allowed_hours: [] }],
    ["without weekdays", { allowed_weekdays: [] }],
    ["without permits", { rate_limit: 0 }],
    ["whose limits have no permits", { limits: [{ id: "a", permits: { hour: 0 } }] }],
    ["that may have no calls at once", { max_concurrent_sessions: 0 }],
  ])("of a server %s", (_what, server = {}) => {
    expect(hidden({ server }, tools)).toEqual(["read", "write"]);
  });

  test("not by the time of day, nor by a limit on trial", () => {
    const limits = [{ id: "a", permits: { hour: 0 }, shadow: true }];
    expect(hidden({ server: { allowed_hours: [3], limits } }, tools)).toEqual([]);
  });

  test("of a server that is not there", () => {
    expect(hidden({}, [aTool("read", { server: "__proto__" })])).toEqual(["read"]);
  });

  test("by high security, by name", () => {
    const items = [aTool("drop-collection"), aTool("dropdown_list")];
    expect(hidden({ server: { high_security: true } }, items)).toEqual(["drop-collection"]);
  });
});

describe("a template of resources is hidden", () => {
  const items = [aResource("file:///{path}"), aResource("db://{table}"), aResource("file:///a")];

  test("where every URI of it is denied", () => {
    const rule = (glob: string) => ({
      global: { policies: [{ id: "a", effect: "deny" as const, resources: [glob] }] },
    });
    expect(hidden(rule("file:///*"), items)).toEqual(["file:///{path}", "file:///a"]);
    expect(hidden(rule("file:///a*"), items)).toEqual(["file:///a"]);
  });

  test("where no URI of it is allowed", () => {
    const policies = [{ id: "a", effect: "allow" as const, resources: ["file:///a*"] }];
    expect(hidden({ global: { default_effect: "deny", policies } }, items)).toEqual(["db://{table}"]);
  });
});

test("no call to what is hidden is ever permitted", async () => {
  await fc.assert(
    fc.asyncProperty(someDocument, someRequest, someLabels, async (parts, request, labels) => {
      const { server, method, target, annotations } = request;
      const item = { server, method, target, ...(annotations && { annotations }) };
      fc.pre(hidden(parts, [item], request).length === 1);
      const { decide } = aDecisionPoint(parts, { labels: () => labels });
      expect(await decide(request)).toMatchObject({ effect: "deny" });
    }),
  );
});
