import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askGovernance, awaitGovernance, makeArtifact } from "./client/governance.ts";
import { openForSetUp, openRaw } from "./client/raw.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeSystems } from "./describe-systems.ts";
import { echo } from "./system/configuration.ts";
import { until } from "./system/until.ts";

const suffix = randomBytes(4).toString("hex");
const [open, night, quiet] = [`open-${suffix}`, `night-${suffix}`, `quiet-${suffix}`];

/** What a webhook was sent. */
const received: { headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
  response.writeHead(204).end();
});
beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve)));
afterAll(() => void receiver.close());

const settings = async () => ({
  governance: {
    alerts: {
      rules: [{ id: "violations", kind: "violations", count: 3, servers: [night] }],
      webhooks: [
        {
          id: "pager",
          url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`,
          secret: "0123456789abcdef0123456789abcdef",
        },
      ],
    },
  },
  servers: {
    [open]: echo({ governance_prefix: "open" }),
    [night]: echo({ governance_prefix: "night", allowed_hours: [] }),
    [quiet]: echo({ governance_prefix: "quiet", enable_tool_logging: false }),
  },
});

describeSystems("the governance API", settings, (system) => {
  beforeAll(async () => {
    const session = await openForSetUp(system().url());
    for (let call = 0; call < 5; call += 1) await session.call("open_echo", `{"message":"call ${call}"}`);
    for (let call = 0; call < 3; call += 1) await session.call("night_echo", `{"message":"call ${call}"}`);
    await session.call("quiet_echo", `{"message":"unlogged"}`);
    await toolLogs(system(), { server_name: open }, { count: 5 });
    await toolLogs(system(), { server_name: night }, { count: 3 });
  }, 60_000);

  test("row 98: the calls, a page at a time", async () => {
    const first = await askGovernance(system(), `/tool-logs?server_name=${open}&limit=3`);
    expect(first.body.data).toHaveLength(3);
    const second = await askGovernance(system(), `/tool-logs?server_name=${open}&limit=3&cursor=${first.body.next}`);
    expect(second.body.data).toHaveLength(2);
    const messages = [...first.body.data, ...second.body.data].map(({ inputs }) => inputs.message);
    expect(messages).toEqual(["call 4", "call 3", "call 2", "call 1", "call 0"]);
  });

  test("row 99: a bad parameter is answered with 400 and the reason", async () => {
    const { status, body } = await askGovernance(system(), "/tool-logs?limit=many");
    expect(status).toBe(400);
    expect(body).toMatchObject({ status: "error", code: "request.invalid", error: expect.stringContaining("limit") });
  });

  test("row 79: a server without tool logging leaves decisions and no calls", async () => {
    const path = `/decisions?server_name=${quiet}`;
    const decisions = await awaitGovernance<unknown[]>(system(), path, ({ length }) => length > 0);
    expect(decisions).toHaveLength(1);
    const calls = await askGovernance(system(), `/tool-logs?server_name=${quiet}`);
    expect(calls.body.data).toEqual([]);
  });

  test("row 100: the servers, with their state", async () => {
    const { servers } = await awaitGovernance<{ servers: { server_name: string; state: string }[] }>(
      system(),
      "/servers",
      (data) => data.servers.some(({ server_name, state }) => server_name === open && state === "connected"),
    );
    expect(servers.map(({ server_name }) => server_name)).toEqual(expect.arrayContaining([open, night]));
  });

  test("row 101: figures of usage come to what was called", async () => {
    const path = `/metrics?hours=1&server_name=${open}`;
    const { summary } = await awaitGovernance<{ summary: Record<string, unknown> }>(
      system(),
      path,
      (data) => data.summary.total_calls === 5,
    );
    expect(summary).toMatchObject({ total_calls: 5, successful_calls: 5, failed_calls: 0, denied_calls: 0 });
  });

  test("row 102: the violations", async () => {
    const path = `/violations?hours=1&server_name=${night}`;
    const { body } = await askGovernance(system(), path);
    expect(JSON.stringify(body.data)).toContain("time_restriction");
  });

  test("that the record was read is on record", async () => {
    await awaitGovernance<{ path: string }[]>(system(), "/record-reads?limit=1000", (reads) =>
      reads.some(({ path }) => path === "/governance/violations"),
    );
  });

  test("the document of the API names its routes", async () => {
    const response = await fetch(`http://127.0.0.1:${system().basePort}/governance/openapi.json`);
    const { openapi, paths } = (await response.json()) as { openapi: string; paths: object };
    expect(openapi).toBe("3.1.0");
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(["/governance/tool-logs", "/governance/exports"]));
  });

  test("a live stream tells of a call as it happens", async () => {
    const aborted = new AbortController();
    const url = `http://127.0.0.1:${system().basePort}/governance/live?server_name=${open}`;
    const response = await fetch(url, { signal: aborted.signal });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const session = await openRaw(system().url());
    await session.call("open_echo", `{"message":"now"}`);
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.includes("governance.call.completed")) break;
    }
    aborted.abort();
    expect(text).toContain("governance.call.decided");
    expect(text).not.toContain(`"now"`);
  });

  test("row 147: a report says what was called, what was denied, and that the record is whole", async () => {
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const to = new Date(Date.now() + 60_000).toISOString();
    const { artifact, text } = await makeArtifact(system(), "reports", { order: { from, to }, download: "json" });
    expect(artifact).toMatchObject({ status: "done" });
    expect(JSON.parse(text)).toBeTypeOf("object");
    expect(text).toContain("time_restriction");
  });

  test("row 148: denials raise an alert once, signed and delivered", async () => {
    const firing = await awaitGovernance<{ status: string; rule: string }[]>(system(), "/alerts", (alerts) =>
      alerts.some(({ rule, status }) => rule === "violations" && status === "firing"),
    );
    expect(firing.filter(({ rule }) => rule === "violations")).toHaveLength(1);
    await until(() => received.length > 0, { what: "the webhook is told", withinMs: 30_000 });
    expect(received[0]?.headers["webhook-signature"]).toMatch(/^v1,/);
    expect(received[0]?.body).not.toContain("0123456789abcdef");
  });

  test("health tells of the database, the pipeline and the jobs", async () => {
    const { status, body } = await askGovernance(system(), "/health");
    expect(status).toBe(200);
    expect(body.data).toBeTypeOf("object");
  });
});
