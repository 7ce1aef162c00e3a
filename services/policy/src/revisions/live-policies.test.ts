import { StartupError } from "@mcp-governance-bridge/shared";
import { expect, test, vi } from "vitest";
import { type Compiled, livePolicies } from "../../test/live-policies.ts";
import { createMemoryRevisionStore } from "../../test/memory-revision-store.ts";
import { aRevision, fileDocument } from "../../test/revisions.ts";

const weather = { server: "weather" };
const file = (rate_limit: number) => fileDocument({ servers: { weather: { rate_limit } } });
const bad = fileDocument({ servers: { weather: { blocked_patterns: ["("] } } });
const edit = (rate_limit: number, more: object = {}) =>
  ({ ask: "edit", scope: weather, settings: { rate_limit }, who: "ada", why: "", ...more }) as const;

test("the file is the first revision, and the same file no other", async () => {
  const store = createMemoryRevisionStore();
  const first = await livePolicies(store, { file: file(1) });
  expect(first.live.current().active.name).toMatch(/^r1-[0-9a-f]{12}$/);
  const again = await livePolicies(store, { file: file(1) });
  expect(again.live.current().active.name).toBe(first.live.current().active.name);
  await again.live.fileChanged(file(1));
  expect(await store.list(10)).toHaveLength(1);
});

test("an edit holds over a restart for as long as the file says the same", async () => {
  const store = createMemoryRevisionStore();
  await (await livePolicies(store, { file: file(1) })).ask(edit(2));
  const again = await livePolicies(store, { file: file(1) });
  expect(again.rate()).toBe(2);
  const changed = await livePolicies(store, { file: file(3) });
  expect(changed.rate()).toBe(3);
});

test("row 95: a changed file takes effect while running, on every replica, and is told once", async () => {
  const store = createMemoryRevisionStore();
  const [one, other] = [await livePolicies(store, { file: file(1) }), await livePolicies(store, { file: file(1) })];
  await Promise.all([one.live.fileChanged(file(2)), other.live.fileChanged(file(2))]);
  await vi.waitFor(() => expect([one.rate(), other.rate()]).toEqual([2, 2]));
  const told = [...one.events, ...other.events].filter(({ number }) => number === 2);
  expect(told).toMatchObject([
    { origin: "file", who: "config.json", changes: [{ path: "/servers/weather/rate_limit", before: "1", after: "2" }] },
  ]);
});

test("row 93: an edit takes effect on every replica, whose listeners are told its name", async () => {
  const store = createMemoryRevisionStore();
  const [one, other] = [await livePolicies(store, { file: file(1) }), await livePolicies(store, { file: file(1) })];
  const names: string[] = [];
  other.live.onChange((name) => names.push(name));
  await one.ask(edit(2, { why: "incident 7" }));
  expect(one.rate()).toBe(2);
  await vi.waitFor(() => expect(names).toEqual([one.live.current().active.name]));
  expect(other.rate()).toBe(2);
  expect(one.events.at(-1)).toMatchObject({ number: 2, origin: "edit", who: "ada", why: "incident 7" });
  expect(other.events.filter(({ number }) => number === 2)).toEqual([]);
});

test("edits made at once on two replicas both take effect", async () => {
  const store = createMemoryRevisionStore();
  const servers = { weather: {}, clock: {} };
  const options = { file: fileDocument({ servers }) };
  const [one, other] = [await livePolicies(store, options), await livePolicies(store, options)];
  await Promise.all([one.ask(edit(2)), other.ask({ ...edit(3), scope: { server: "clock" } })]);
  const { document } = (await store.latest())!;
  expect([document.servers.weather?.rate_limit, document.servers.clock?.rate_limit]).toEqual([2, 3]);
});

test("a bad file while running leaves the last good revision in force", async () => {
  const store = createMemoryRevisionStore();
  const { live, rate } = await livePolicies(store, { file: file(1) });
  await expect(live.fileChanged(bad)).rejects.toMatchObject({
    code: "policy.invalid",
    message: "servers.weather.blocked_patterns[0]: is no pattern",
  });
  expect(rate()).toBe(1);
  expect(await store.list(10)).toHaveLength(1);
  await live.fileChanged(file(2));
  expect(rate()).toBe(2);
});

test("a start with a bad file goes on with the last good revision, and without one does not start", async () => {
  const store = createMemoryRevisionStore();
  await expect(livePolicies(store, { file: bad })).rejects.toThrow(StartupError);
  await livePolicies(store, { file: file(1) });
  expect((await livePolicies(store, { file: bad })).rate()).toBe(1);
});

test("a start waits for the store, and a file that changes while it is away is taken later", async () => {
  const store = createMemoryRevisionStore();
  store.mode = "away";
  const starting = livePolicies(store, { file: file(1) });
  await vi.waitFor(() => expect(store.missed).toBe(1));
  store.mode = "here";
  const { live, rate } = await starting;
  store.mode = "away";
  const taken = [live.fileChanged(file(2)), live.fileChanged(file(3))];
  await vi.waitFor(() => expect(store.missed).toBe(3));
  store.mode = "here";
  await Promise.all(taken);
  expect(rate()).toBe(3);
  expect(await store.list(10)).toHaveLength(2);
});

test("what was kept although the store did not say so is adopted and told once", async () => {
  const store = createMemoryRevisionStore();
  const { live, rate, events } = await livePolicies(store, { file: file(1) });
  store.mode = "deaf";
  const asked = live.admin.ask(edit(2));
  await expect(asked).rejects.toMatchObject({ code: "policy.unavailable" });
  store.mode = "here";
  await live.admin.ask({ ask: "current" });
  expect(rate()).toBe(2);
  expect(events.filter(({ number }) => number === 2)).toHaveLength(1);
});

test("a store that lost its history is given back what is in force, edits included", async () => {
  const store = createMemoryRevisionStore();
  const { ask } = await livePolicies(store, { file: file(1) });
  await ask(edit(2));
  store.lose();
  const late = await livePolicies(store, { file: file(1) });
  expect(late.rate()).toBe(1);
  expect(await ask({ ask: "current" })).toMatchObject({ number: 2 });
  await vi.waitFor(() => expect(late.rate()).toBe(2));
  expect(await store.latest()).toMatchObject({ number: 2, origin: "edit" });
});

test("whoever starts tells the newest revision again, as the same event", async () => {
  const store = createMemoryRevisionStore();
  const first = await livePolicies(store, { file: file(1) });
  await first.ask(edit(2));
  const again = await livePolicies(store, { file: file(1) });
  expect(again.events).toEqual([first.events.at(-1)]);
});

test("a revision of another version stays unused, and the replica is not ready", async () => {
  const store = createMemoryRevisionStore();
  const { live, rate, ask } = await livePolicies(store, { file: file(1) });
  const document = { ...file(9), global: { ...file(9).global, from_the_future: true } };
  const scopes = aRevision(2).scopes;
  await store.append(aRevision(2, { document, scopes: { ...scopes, global: { origin: "edit", fileHash: "x" } } }));
  await vi.waitFor(() => expect(live.ping()).rejects.toThrow("r2-000000000002"));
  expect(rate()).toBe(1);
  await expect(ask(edit(3))).rejects.toMatchObject({ code: "policy.conflict" });
  await expect(livePolicies(store, { file: file(1) })).rejects.toThrow(StartupError);

  await store.append(aRevision(3, { document: file(4) }));
  await vi.waitFor(() => expect(rate()).toBe(4));
  await live.ping();
});

test("a revision of another version that holds no edit is followed by what the file says", async () => {
  const store = createMemoryRevisionStore();
  const document = { ...file(9), global: { ...file(9).global, from_the_future: true } };
  await store.append(aRevision(1, { document, scopes: aRevision(1).scopes }));
  const { live, rate } = await livePolicies(store, { file: file(1) });
  expect(rate()).toBe(1);
  expect(live.current().active.name).toMatch(/^r2-/);
  await live.ping();
});

test("a policy that cannot be compiled after all takes no effect", async () => {
  const store = createMemoryRevisionStore();
  const compile = (document: Compiled["document"], name: string): Compiled => {
    if (document.servers.weather?.rate_limit === 13) throw new Error("unlucky");
    return { name, document };
  };
  const { ask, rate } = await livePolicies(store, { file: file(1), compile });
  await expect(ask(edit(13))).rejects.toThrow("unlucky");
  expect(rate()).toBe(1);
  expect(await store.list(10)).toHaveLength(1);
});
