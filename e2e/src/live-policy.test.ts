import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { connectV2 } from "./client/official.ts";
import { askApi } from "./client/policies.ts";
import { openRaw, type RawSession } from "./client/raw.ts";
import { startSteadyLoad } from "./client/steady-load.ts";
import { describeDistributed, describeSystems } from "./describe-systems.ts";
import { echo } from "./system/configuration.ts";
import { startDistributed } from "./system/distributed.ts";
import { serversOf } from "./system/servers.ts";
import { until } from "./system/until.ts";

const settings = { servers: { live: echo(), still: echo() } };
/** A scope is replaced as a whole; without a limit of its own it would get the seed's 100 a minute. */
const unlimited = { rate_limit: 1_000_000_000 };
const noEcho = { ...unlimited, policies: [{ id: "no-echo", effect: "deny", tools: ["echo"], reason: "Not today" }] };
const change = { who: "ada", why: "incident 7" };

const isDenied = async (session: RawSession) =>
  (await session.call("live_echo", `{"message":"m"}`)).includes("Governance denied: Not today");

describeSystems("a live policy", settings, (system) => {
  const put = (body: object) => askApi(system(), "policies/servers/live", { method: "PUT", body });
  const reset = () => askApi(system(), "policies/servers/live", { method: "DELETE", body: change });
  const inForce = async () => (await askApi(system(), "policies/servers/live")).body.data;

  test("rows 93 and 94: an edit takes effect within a second, and nothing else changes", async () => {
    const session = await openRaw(system().url());
    expect(await isDenied(session)).toBe(false);
    expect(await put({ settings: noEcho, ...change })).toMatchObject({ status: 200 });
    await until(() => isDenied(session), { what: "the edit is in force", withinMs: 1_000 });
    expect(await session.call("still_echo", `{"message":"m"}`)).toContain(`"text":"m"`);
    expect((await reset()).status).toBe(200);
    await until(async () => !(await isDenied(session)), { what: "the file is in force", withinMs: 1_000 });
  });

  test("clients are told that their lists have changed, and no longer see what is denied", async () => {
    let told = 0;
    const client = await connectV2(system().url(), {
      prepare: (client) =>
        client.setNotificationHandler("notifications/tools/list_changed", () => {
          told += 1;
        }),
    });
    const names = async () => (await client.listTools()).tools.map(({ name }) => name);
    expect(await names()).toContain("live_echo");
    await put({ settings: noEcho, ...change });
    await until(async () => told > 0, { what: "the client is told" });
    expect(await names()).not.toContain("live_echo");
    await reset();
  });

  test("a bad edit says what is wrong and where, and leaves the last good one in force", async () => {
    const session = await openRaw(system().url());
    await put({ settings: noEcho, ...change });
    const before = await inForce();
    const bad = [
      [{ policies: [{ id: "x", effect: "deny", when: "args." }] }, /policies\[0\]\.when/],
      [{ blocked_patterns: ["("] }, /blocked_patterns\[0\]/],
      [{ rate_limits: 5 }, /rate_limits/],
      [{ rate_limit: -1 }, /rate_limit/],
    ] as const;
    for (const [settings, says] of bad) {
      const answer = await put({ settings, ...change });
      expect(answer).toMatchObject({ status: 400, body: { status: "error", code: "policy.invalid" } });
      expect(answer.body.error).toMatch(says);
    }
    expect(await inForce()).toEqual(before);
    expect(await isDenied(session)).toBe(true);
    await reset();
  });

  test("history tells who changed what and why; one step goes back", async () => {
    const session = await openRaw(system().url());
    await put({ settings: { rate_limit: 500 }, ...change });
    await put({ settings: { ...noEcho, rate_limit: 500 }, who: "bob", why: "" });
    const { data } = (await askApi(system(), "policies/revisions?limit=2")).body;
    const [newest, before] = data as { number: number }[];
    expect(newest).toMatchObject({ origin: "edit", who: "bob" });
    expect(before).toMatchObject({ origin: "edit", who: "ada", why: "incident 7" });
    const diff = await askApi(system(), `policies/revisions/${before?.number}/diff/${newest?.number}`);
    expect(JSON.stringify(diff.body.data)).toContain("no-echo");
    expect((await askApi(system(), "policies/rollback", { method: "POST", body: change })).status).toBe(200);
    await until(async () => !(await isDenied(session)), { what: "the revision before is in force", withinMs: 1_000 });
    expect(await inForce()).toMatchObject({ settings: { rate_limit: 500 } });
    await reset();
  });

  test("an edit that expects another revision is refused", async () => {
    expect(await put({ settings: noEcho, ...change, expected: 1_000_000 })).toMatchObject({
      status: 409,
      body: { code: "policy.conflict" },
    });
  });

  test("row 95: the file is read again when it changes; what it says of a scope ends the edit there", async () => {
    const session = await openRaw(system().url());
    await put({ settings: noEcho, ...change });
    await until(() => isDenied(session), { what: "the edit is in force", withinMs: 1_000 });
    const file = system().configFile;
    const before = await readFile(file, "utf8");
    await writeFile(file, before.replace(/"rate_limit": \d+/, '"rate_limit": 900'));
    await until(async () => !(await isDenied(session)), { what: "the file is in force", withinMs: 3_000 });
    expect(await inForce()).toMatchObject({ settings: { rate_limit: 900 }, origin: "file" });

    await writeFile(file, `${before.slice(0, -20)} this is no JSON`);
    await writeFile(file, before);
    await until(async () => JSON.stringify(await inForce()).includes("1000000000"), { what: "the good file is back" });
  });

  test("a candidate is tried beside the policy in force, and denies nothing", async () => {
    const session = await openRaw(system().url());
    const candidate = { scope: { server: "live" }, settings: noEcho, ...change };
    expect((await askApi(system(), "policies/candidate", { method: "PUT", body: candidate })).status).toBe(200);
    const shadows = async () => JSON.stringify((await askApi(system(), "shadows?hours=1")).body.data);
    await until(
      async () => {
        expect(await isDenied(session)).toBe(false);
        return (await shadows()).includes("live.policies.no-echo");
      },
      { what: "would-be denials are counted" },
    );
    expect((await askApi(system(), "policies/candidate", { method: "DELETE", body: change })).status).toBe(200);
  });
});

describeDistributed(
  "a live policy on two gateways and three policies",
  () => startDistributed(settings, serversOf(process.env), { gateway: 2, policy: 3 }),
  (system) => {
    const put = (settings: object) =>
      askApi(system(), "policies/servers/live", { method: "PUT", body: { settings, ...change } });

    test("an edit reaches every replica within a second, and not one call is dropped meanwhile", async () => {
      const urls = [system().url(), `http://127.0.0.2:${system().basePort}/mcp`];
      const clients = await Promise.all([...urls, ...urls, ...urls].map((url) => connectV2(url)));
      const load = startSteadyLoad(clients, "live_echo", "m");
      const phases: { since: number; text: string }[] = [];
      for (const isBlocked of [true, false, true, false]) {
        expect((await put(isBlocked ? noEcho : unlimited)).status).toBe(200);
        phases.push({ since: performance.now() + 1_000, text: isBlocked ? "Governance denied: Not today" : "m" });
        await delay(1_500);
      }
      const answers = await load.stop();
      expect(answers.length).toBeGreaterThan(500);
      expect([...new Set(answers.map(({ text }) => text))].sort()).toEqual(["Governance denied: Not today", "m"]);
      for (const { since, text } of phases) {
        const settled = answers.filter(({ began }) => began > since && began < since + 400);
        expect(settled.length).toBeGreaterThan(0);
        expect(settled.filter((answer) => answer.text !== text)).toEqual([]);
      }
    });

    test("an edit survives a restart of every service", async () => {
      await put(noEcho);
      for (const name of ["policy", "policy-2", "policy-3", "gateway"]) {
        await system().service(name).process().stop();
      }
      for (const name of ["policy", "policy-2", "policy-3", "gateway"]) await system().service(name).restart();
      const session = await openRaw(system().url());
      await until(async () => (await session.call("live_echo", "{}")).includes("Not today"), {
        what: "the edit holds",
      });
      expect((await askApi(system(), "policies/servers/live")).body.data).toMatchObject({ origin: "edit" });
    });

    test("changes need the admin token", async () => {
      const url = `http://127.0.0.1:${system().basePort}/governance/policies/servers/live`;
      const body = JSON.stringify({ settings: {}, ...change });
      for (const authorization of ["", "Bearer wrong"]) {
        const headers = { "content-type": "application/json", ...(authorization && { authorization }) };
        const response = await fetch(url, { method: "PUT", headers, body });
        expect(response.status).toBe(401);
        expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
      }
    });
  },
);
