import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { silentLog } from "@mcp-governance-bridge/shared";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { finished, RANGE, seedCalls } from "../../test/artifacts.ts";
import { createTimerJobQueue } from "../adapters/timer-job-queue.ts";
import { type Artifacts, createArtifacts } from "../artifacts/artifacts.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { RecordStore } from "../record-store.ts";
import { makeReport } from "../report/report.ts";
import { artifactRoutes } from "./artifact-routes.ts";
import { createNaming } from "./edits.ts";
import { createGovernanceApi } from "./governance-api.ts";

const CALLS = 200;
const TOKEN = "a-token-of-sixteen-signs";
const [from, to] = [RANGE.from.toISOString(), RANGE.to.toISOString()];

describe("exports and reports over HTTP", () => {
  let store: RecordStore;
  let queue: JobQueue;
  let artifacts: Artifacts;
  let server: Server;
  let base: string;
  const told: { route: string }[] = [];

  beforeAll(async () => {
    store = await aLmdbStore();
    await seedCalls(store, CALLS);
    queue = createTimerJobQueue({ log: silentLog });
    artifacts = createArtifacts({
      ...{ store, queue, log: silentLog },
      async *chainOf() {},
      publicKeys: async () => [],
      report: (order) =>
        makeReport({
          ...{ store, ...order, now: new Date() },
          retention: { artifacts: 30, alerts: 400, usage_minutes: 7, usage_hours: 400 },
          checkIntegrity: () => Promise.reject(new Error("no chain")),
        }),
    });
    const readings = {
      accepting: true,
      tell: (_: string, event: object) => void told.push(event as { route: string }),
    };
    const endpoints = artifactRoutes({ store, artifacts, who: createNaming({ token: TOKEN }) });
    const api = createGovernanceApi({ endpoints, edits: { token: TOKEN }, readings, log: silentLog });
    server = createServer((request, response) => api.handle(request, response)).listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/governance`;
  });
  afterAll(async () => {
    server.close();
    await queue.close();
    await store.close();
  });

  interface One {
    id: string;
    files: { href: string }[];
  }
  interface Answered<Data> {
    status: number;
    body: { data: Data; next: string; error: string };
  }
  const ask = async <Data = One>(
    path: string,
    { body, ...init }: { method?: string; body?: object; headers?: object } = {},
  ): Promise<Answered<Data>> => {
    const headers = { "content-type": "application/json", ...init.headers };
    const response = await fetch(base + path, { ...init, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: response.status, body: (await response.json()) as Answered<Data>["body"] };
  };
  const ordered = async (path: "/exports" | "/reports", body: object): Promise<string> => {
    const answer = await ask(path, { method: "POST", body });
    expect(answer).toMatchObject({ status: 200, body: { data: { status: "waiting", progress: { records: 0 } } } });
    const { id } = answer.body.data;
    await finished(artifacts, { kind: path === "/exports" ? "export" : "report", _id: id });
    return id;
  };

  test("an export is ordered, looked at and fetched, and that it was is told", async () => {
    told.length = 0;
    const id = await ordered("/exports", { from, to, format: "csv", server_name: "files" });
    const { body } = await ask(`/exports/${id}`);
    const [file] = body.data.files;
    expect(body.data).toMatchObject({
      id,
      status: "done",
      from,
      to,
      filters: { server_name: "files" },
      requested_by: "anonymous",
    });
    expect(file?.href).toBe(`/governance/exports/${id}/download`);

    const response = await fetch(`${base}/exports/${id}/download`);
    const bytes = Buffer.from(await response.arrayBuffer());
    const digest = createHash("sha256").update(bytes).digest();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-length": String(bytes.length),
      "content-disposition": 'attachment; filename="governance-export-20260301T100000Z-20260301T110000Z.csv"',
      "repr-digest": `sha-256=:${digest.toString("base64")}:`,
      "x-content-type-options": "nosniff",
    });
    expect(file).toMatchObject({ size: bytes.length, digest: digest.toString("hex") });
    expect(told.map(({ route }) => route)).toEqual([
      "POST /governance/exports",
      "GET /governance/exports/:id/download",
    ]);
  });

  test("a report is a page that runs nothing, and the same as JSON", async () => {
    const id = await ordered("/reports", { from, to, servers: ["weather"] });
    const page = await fetch(`${base}/reports/${id}/html`);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-disposition")).toMatch(/^inline/);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await page.text()).toContain("Governance compliance report");
    const json = await fetch(`${base}/reports/${id}/json`);
    expect(await json.json()).toMatchObject({ document_type: "compliance_report", servers: ["weather"] });
  });

  test("lists are of one kind, newest first, a page at a time", async () => {
    const ids = [await ordered("/exports", { from, to }), await ordered("/exports", { from, to })];
    const first = await ask<One[]>("/exports?limit=1&status=done");
    expect(first.body.data.map(({ id }) => id)).toEqual([ids[1]]);
    const second = await ask<One[]>(`/exports?limit=1&status=done&cursor=${first.body.next}`);
    expect(second.body.data.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await ask("/exports?status=failed")).body.data).toEqual([]);
  });

  test("only who may make changes takes one back, and nothing is there to fetch then", async () => {
    const id = await ordered("/exports", { from, to });
    expect(await ask(`/exports/${id}`, { method: "DELETE" })).toMatchObject({ status: 401 });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await ask(`/exports/${id}`, { method: "DELETE", headers });
    expect(answer).toMatchObject({ status: 200, body: { data: { status: "cancelled", files: [] } } });
    expect(await ask(`/exports/${id}/download`)).toMatchObject({ status: 409, body: { code: "artifact.unfinished" } });
  });

  test("content that retention has taken is refused, not broken off", async () => {
    const id = await ordered("/exports", { from, to });
    await store.remove("artifact_chunks", [`${id}.0`]);
    expect(await ask(`/exports/${id}/download`)).toMatchObject({ status: 404, body: { code: "record.unknown" } });
  });

  test.each([
    [{ from: to, to: from }, "from: must be before to"],
    [{ from, to, format: "xml" }, "format"],
    [{ from, to, collections: ["tool_logs", "tool_logs"] }, "collections: must not name one twice"],
    [{ from, to, collections: ["servers"] }, "collections"],
    [
      { from, to, collections: ["sessions"], server_name: "x" },
      "server_name: is nothing that sessions can be filtered by",
    ],
    [{ from }, "to"],
    [{ from: "yesterday", to }, "from"],
    [{ from, to, limit: 4 }, "limit"],
  ])("an order that cannot be is refused with the reason: %j", async (body, reason) => {
    const answer = await ask("/exports", { method: "POST", body });
    expect(answer).toMatchObject({ status: 400, body: { code: "request.invalid" } });
    expect(answer.body.error).toContain(reason);
  });

  test("what nobody ordered is not there", async () => {
    for (const path of ["", "/download"]) {
      expect(await ask(`/exports/${randomUUID()}${path}`)).toMatchObject({
        status: 404,
        body: { code: "record.unknown" },
      });
    }
    expect(await ask("/reports/none")).toMatchObject({ status: 400 });
  });
});
