import { describe, expect, test } from "vitest";
import { z } from "zod";
import { aFiguresApi } from "../../test/a-figures-api.ts";
import { aFiguresRecord } from "../../test/a-figures-record.ts";
import { watched } from "../../test/adapters/plans.ts";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { withFigures } from "../../test/with-figures.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

/** Each question in several ways. */
const QUESTIONS = [
  ...[
    "",
    "?hours=1",
    "?hours=72",
    "?hours=240",
    "?server_name=files",
    "?principal=ada",
    "?tool_name=get&hours=2",
  ].flatMap((query) => [`/metrics${query}`, `/latency${query}`]),
  ...["", "?hours=100"].map((query) => `/overview${query}`),
  ...["", "?by=server", "?by=tool&principal=bob", "?by=pair&server_name=web", "?by=pair&principal=eve&hours=120"].map(
    (query) => `/usage${query}`,
  ),
  ...["", "?metric=latency&by=server", "?metric=errors&by=tool&span=hour", "?metric=denials&by=principal&span=day"].map(
    (query) => `/timeseries${query}`,
  ),
  ...["", "?code=rate_limit&hours=240", "?server_name=web&rule=web.rate_limit&hours=1"].map(
    (query) => `/violations${query}`,
  ),
  ...["", "?server_name=web&hours=240"].map((query) => `/effectiveness${query}`),
  ...["/servers", "/servers/files", "/tools", "/tools?server_name=files&active=true&limit=1"],
  ...["/sessions", "/sessions?status=open&principal=ada", "/sessions?client_name=desktop&limit=1"],
  ...["/sessions/session-1", "/sessions/session-1?limit=3"],
];

describe.each(recordStores(uri))("every question on figures in %s", (_name, open, available) => {
  const { store, api } = withFigures(open, available);

  test.runIf(available).each([
    ["/metrics?hours=0", "hours: must be above 0"],
    ["/metrics?hours=9000", "hours: must be at most 8784"],
    ["/metrics?hours=x", "hours: expected a number"],
    ["/metrics?hours=3&from=2026-03-01T00:00:00Z", "hours: not together with from or to"],
    ["/metrics?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "from: must be before to"],
    ["/metrics?from=2026-03-09T00:00:00Z", "from: must be before"],
    ["/overview?server_name=x", "server_name"],
    ["/usage?by=colour", "by: "],
    ["/usage?by=pair", "by: pair needs principal or server_name"],
    ["/timeseries?span=minute&hours=72", "span: 4321 points of a minute each"],
    ["/timeseries?span=minute&by=server&principal=ada", "span: calls of a principal"],
    ["/timeseries?limit=51", "limit: "],
    ["/violations?code=none", "code: "],
    ["/violations?cursor=x", "cursor: is none that this API gave"],
    ["/tools?cursor=bm9uZQ", "cursor: is none that this API gave"],
    ["/sessions?status=gone", "status: "],
  ])("row 99: %s is refused, with the reason", async (path, reason) => {
    const { status, code, error } = await api().get(path);
    expect({ status, code }).toEqual({ status: "error", code: "request.invalid" });
    expect(error).toContain(reason);
  });

  test.runIf(available)("a cursor of another question is refused", async () => {
    const { next } = await api().get("/tools?limit=1");
    expect((await api().get(`/tools?limit=1&server_name=web&cursor=${next}`)).error).toContain("another question");
  });

  test.runIf(available)("every answer is what its schema says, and nothing besides", async () => {
    for (const question of QUESTIONS) {
      const data = await api().ask(question);
      const path = `/governance${question.replace(/\?.*/, "").replace(/^\/(servers|sessions)\/.*/, "/$1/:")}`;
      const endpoint = api().endpoints.find((each) =>
        path.endsWith(":") ? each.path.startsWith(path) : each.path === path,
      );
      const schema = endpoint?.data;
      if (!(schema instanceof z.ZodType)) throw new Error(`${question} has no schema`);
      expect(withoutPayloads(schema.parse(data)), question).toEqual(withoutPayloads(data));
    }
  });

  test.runIf(available)("no question reads the whole of a collection that grows", async () => {
    const { store: asked, scans } = watched(store());
    const { ask } = aFiguresApi(asked);
    for (const question of QUESTIONS) await ask(question);
    expect(scans).toEqual([]);
  });
});

/** What is JSON of somebody else is checked elsewhere. */
function withoutPayloads(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (name, value) => (name === "calls" && Array.isArray(value) ? [] : value));
}

test.runIf(uri !== undefined)(
  "both stores give equal answers",
  async () => {
    const answers: unknown[][] = [];
    for (const [, open] of recordStores(uri)) {
      const store = await open();
      await aFiguresRecord(store);
      const { ask } = aFiguresApi(store);
      const found: unknown[] = [];
      for (const question of QUESTIONS) found.push([question, await ask(question)]);
      answers.push(found);
      await store.close();
    }
    expect(answers[1]).toEqual(answers[0]);
  },
  60_000,
);
