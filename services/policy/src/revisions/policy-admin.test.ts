import { PolicyQuestion } from "@mcp-governance-bridge/shared";
import { expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { livePolicies } from "../../test/live-policies.ts";
import { createMemoryRevisionStore } from "../../test/memory-revision-store.ts";
import { fileDocument } from "../../test/revisions.ts";

const weather = { server: "weather" };
const who = { who: "ada", why: "incident 7" };

/** Questions as they come over the wire. */
async function anAdmin() {
  const store = createMemoryRevisionStore();
  const file = fileDocument({ servers: { weather: { rate_limit: 1 } } });
  const { live, rate } = await livePolicies(store, { file });
  const ask = async (question: object) => live.admin.ask(PolicyQuestion.parse(question));
  const edit = (settings: object, more: object = {}) => ask({ ask: "edit", scope: weather, settings, ...who, ...more });
  return { ask, edit, rate, store, live };
}

test("row 94: an edit replaces the settings of a server as a whole", async () => {
  const { ask, edit } = await anAdmin();
  await edit({ blocked_patterns: ["x"] });
  expect(await ask({ ask: "current" })).toMatchObject({
    number: 2,
    revision: expect.stringMatching(/^r2-/),
    origin: "edit",
    ...who,
    scopes: { "servers/weather": { origin: "edit" }, global: { origin: "file" } },
    document: { servers: { weather: { rate_limit: 100, blocked_patterns: ["x"], disabled: false } } },
    candidate: null,
    problem: null,
  });
});

test("an edit that changes nothing makes no revision", async () => {
  const { edit, store } = await anAdmin();
  await edit({ rate_limit: 5 });
  expect(await edit({ rate_limit: 5 })).toMatchObject({ number: 2 });
  expect(await store.list(10)).toHaveLength(2);
});

test("a bad edit names everything that is wrong and where, and changes nothing", async () => {
  const { edit, rate, ask } = await anAdmin();
  const settings = { rate_limits: 5, rate_limit: -1, policies: [{ id: "x" }] };
  await expect(edit(settings)).rejects.toMatchObject({
    code: "policy.invalid",
    message: [
      "servers.weather.rate_limit: must be at least 0",
      "servers.weather.policies[0].effect: is required",
      'servers.weather.rate_limits: unknown key (did you mean "rate_limit"?)',
    ].join("\n"),
  });
  await expect(edit({ blocked_patterns: ["("] })).rejects.toMatchObject({
    code: "policy.invalid",
    message: "servers.weather.blocked_patterns[0]: is no pattern",
  });
  await expect(ask({ ask: "edit", scope: { server: "clock" }, settings: {}, ...who })).rejects.toMatchObject({
    code: "policy.unknown",
  });
  expect(rate()).toBe(1);
});

test("an edit that expects another revision is refused", async () => {
  const { edit, rate } = await anAdmin();
  await edit({ rate_limit: 2 }, { expected: 1 });
  await expect(edit({ rate_limit: 3 }, { expected: 1 })).rejects.toMatchObject({ code: "policy.conflict" });
  expect(rate()).toBe(2);
});

test("a validation says what an edit would change or what is wrong, and changes nothing", async () => {
  const { ask, store } = await anAdmin();
  const validate = (settings: object) => ask({ ask: "validate", scope: weather, settings });
  expect(await validate({ rate_limit: 2 })).toEqual({
    valid: true,
    problems: [],
    changes: [{ path: "/servers/weather/rate_limit", before: "1", after: "2" }],
  });
  expect(await validate({ blocked_patterns: ["("] })).toMatchObject({
    valid: false,
    problems: ["servers.weather.blocked_patterns[0]: is no pattern"],
  });
  expect(await validate({ x: 1 })).toMatchObject({ valid: false, problems: ["servers.weather.x: unknown key"] });
  expect(await store.list(10)).toHaveLength(1);
});

test("a reset goes back to the file", async () => {
  const { ask, edit, rate } = await anAdmin();
  await edit({ rate_limit: 2 });
  expect(await ask({ ask: "reset", scope: weather, ...who })).toMatchObject({ number: 3, origin: "reset" });
  expect(rate()).toBe(1);
});

test("history: revisions newest first without their documents, one with, and what differs", async () => {
  const { ask, edit } = await anAdmin();
  await edit({ rate_limit: 2 });
  const list = await ask({ ask: "revisions" });
  expect(list).toMatchObject([
    { number: 2, origin: "edit", ...who },
    { number: 1, origin: "file", who: "config.json" },
  ]);
  expect(JSON.stringify(list)).not.toContain("rate_limit");
  expect(await ask({ ask: "revision", number: 1 })).toMatchObject({
    document: { servers: { weather: { rate_limit: 1 } } },
  });
  expect(await ask({ ask: "diff", from: 1, to: 2 })).toMatchObject({
    changes: [{ path: "/servers/weather/rate_limit", before: "1", after: "2" }],
  });
  await expect(ask({ ask: "revision", number: 3 })).rejects.toMatchObject({ code: "policy.unknown" });
});

test("a rollback undoes the latest change, and another one undoes the rollback", async () => {
  const { ask, edit, rate } = await anAdmin();
  await expect(ask({ ask: "rollback", ...who })).rejects.toMatchObject({ code: "policy.unknown" });
  await edit({ rate_limit: 2 });
  await edit({ rate_limit: 3 });
  expect(await ask({ ask: "rollback", ...who })).toMatchObject({ number: 4, origin: "rollback", ...who });
  expect(rate()).toBe(2);
  await ask({ ask: "rollback", ...who });
  expect(rate()).toBe(3);
});

test("a candidate is compiled beside what is in force, under a name of its own, until its trial ends", async () => {
  const { ask, live, rate } = await anAdmin();
  await ask({ ask: "candidate", scope: weather, settings: { rate_limit: 7 }, ...who });
  const { candidate } = live.current();
  expect(candidate?.document.servers.weather?.rate_limit).toBe(7);
  expect(candidate?.name).toMatch(/^candidate-[0-9a-f]{12}$/);
  expect(rate()).toBe(1);
  expect(await ask({ ask: "current" })).toMatchObject({ number: 2, candidateRevision: candidate?.name });
  await expect(
    ask({ ask: "candidate", scope: weather, settings: { blocked_patterns: ["("] }, ...who }),
  ).rejects.toMatchObject({ code: "policy.invalid" });
  await ask({ ask: "candidate", settings: null, ...who });
  expect(live.current().candidate).toBeUndefined();
});

test("an explanation is of the revision in force, or of any that is kept", async () => {
  const { ask, edit } = await anAdmin();
  await edit({ rate_limit: 2 });
  const request = aRequest();
  expect(await ask({ ask: "explain", request })).toEqual({
    name: expect.stringMatching(/^r2-/),
    target: "get_forecast",
    at: new Date("2026-01-15T12:00:00Z"),
    labels: [],
  });
  const at = "2026-01-01T00:00:00.000Z";
  expect(await ask({ ask: "explain", request, number: 1, at, labels: ["private"] })).toMatchObject({
    name: expect.stringMatching(/^r1-/),
    at: new Date(at),
    labels: ["private"],
  });
});

test("while the store is away, what is in force still answers", async () => {
  const { ask, edit, store } = await anAdmin();
  store.mode = "away";
  expect(await ask({ ask: "current" })).toMatchObject({ number: 1 });
  await expect(edit({ rate_limit: 2 })).rejects.toMatchObject({ code: "policy.unavailable" });
  await expect(ask({ ask: "revisions" })).rejects.toMatchObject({ code: "policy.unavailable" });
});

test("a policy of any size is no policy", async () => {
  const { edit } = await anAdmin();
  const blocked_patterns = Array.from({ length: 5 }, () => "x".repeat(2 ** 20));
  await expect(edit({ blocked_patterns })).rejects.toMatchObject({
    code: "policy.invalid",
    message: expect.stringContaining("too large"),
  });
});
