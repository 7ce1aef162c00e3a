import { GlobalPolicySettings, ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";
import { expect, test } from "vitest";
import { z } from "zod";
import { withoutDefaults } from "./without-defaults.ts";

test("what was completed with defaults is again what somebody wrote", () => {
  const written = {
    rate_limit: 5,
    policies: [{ id: "a", effect: "deny", tools: ["x"] }],
    limits: [{ id: "l", permits: { hour: 3 }, costs: [{ tools: ["*"], cost: 2 }] }],
    failure_modes: { counters: { local: 0.5 } },
  };
  expect(withoutDefaults(ServerPolicySettings, ServerPolicySettings.parse(written))).toEqual(written);
});

test("settings that are all default are nothing", () => {
  expect(withoutDefaults(GlobalPolicySettings, GlobalPolicySettings.parse({}))).toEqual({});
  expect(withoutDefaults(ServerPolicySettings, ServerPolicySettings.parse({}))).toEqual({});
});

test("a default that is spelled out says the same as one left out", () => {
  const spelled = ServerPolicySettings.parse({ rate_limit: 100, failure_modes: {} });
  expect(withoutDefaults(ServerPolicySettings, spelled)).toEqual({});
});

test("a setting that a later version adds with a default changes nothing", () => {
  const before = z.object({ rules: z.array(z.object({ id: z.string() })) });
  const after = z.object({
    rules: z.array(z.object({ id: z.string(), weight: z.int().default(1) })),
    modes: z.object({ a: z.string().default("x") }).prefault({}),
  });
  const written = { rules: [{ id: "r" }] };
  expect(withoutDefaults(after, after.parse(written))).toEqual(withoutDefaults(before, before.parse(written)));
});

test("what the schema does not know stays", () => {
  expect(withoutDefaults(z.looseObject({}), { toString: 1 })).toEqual({ toString: 1 });
});
