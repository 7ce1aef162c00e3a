import { describe, expect, test } from "vitest";
import { connectTo, serve } from "../../test/http-connection.ts";
import { event, introduce, json, resultFor, type Seen, startHttpUpstream } from "../../test/http-upstream.ts";
import { until } from "../../test/until.ts";

describe("a request over HTTP", () => {
  test("is one POST with the text as it is, the configured headers, and both types accepted", async () => {
    const upstream = await startHttpUpstream(serve({ call: (seen) => json(seen, resultFor(seen)) }));
    const { request, heard } = await connectTo(upstream, { authorization: "Bearer x" });
    request("call", 1);
    await until(() => heard.length === 1);
    const [seen] = upstream.seen;
    expect(seen?.body).toBe(`{"jsonrpc":"2.0","id":1,"method":"call","params":{"n":1.10}}`);
    expect(seen?.headers).toMatchObject({
      authorization: "Bearer x",
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    });
    expect(seen?.response.req.url).toBe("/mcp?key=1");
  });

  test("is answered in JSON, as the text that came", async () => {
    const text = `{"jsonrpc":"2.0","id":1,"result":{"big":12345678901234567890,"e":"é"}}`;
    const { request, heard } = await connectTo(await startHttpUpstream(serve({ call: (seen) => json(seen, text) })));
    request("call", 1);
    await until(() => heard.length === 1);
    expect(heard[0]).toMatchObject({ exchange: 1, message: { text } });
  });

  test("is answered in events, each with the exchange it belongs to", async () => {
    const upstream = await startHttpUpstream(
      serve({
        call(seen) {
          event(seen, { jsonrpc: "2.0", method: "notifications/progress" });
          seen.response.write(": keep-alive\n\nid: 1\ndata:\n\n");
          event(seen, { jsonrpc: "2.0", id: 9, method: "elicitation/create", params: { text: "é" } });
          event(seen, resultFor(seen));
          seen.response.end();
        },
      }),
    );
    const { request, heard, lost } = await connectTo(upstream);
    request("call", 7);
    await until(() => heard.length === 3);
    expect(heard.map(({ message, exchange }) => [message.kind, exchange])).toEqual([
      ["notification", 7],
      ["request", 7],
      ["response", 7],
    ]);
    await until(() => lost.length === 1);
  });

  test("is answered by an error in JSON with status 400", async () => {
    const error = { code: -32602, message: "bad" };
    const upstream = await startHttpUpstream(
      serve({ call: (seen) => json(seen, { jsonrpc: "2.0", id: seen.rpc.id, error }, { status: 400 }) }),
    );
    const { request, heard } = await connectTo(upstream);
    request("call", 1);
    expect((await until(() => heard[0])).message.error).toEqual(error);
  });
});

describe("a request over HTTP is lost when", () => {
  test.each<[string, string, (seen: Seen) => void]>([
    [
      "the status says so",
      "1 lost: HTTP 500 out of order",
      ({ response }) => void response.writeHead(500).end("out of order"),
    ],
    ["credentials lack", "1 lost: HTTP 401", ({ response }) => void response.writeHead(401).end()],
    [
      "there is no answer in the answer",
      "1 lost: the answer ended without a response",
      ({ response }) => void response.writeHead(202).end(),
    ],
    ["the answer is no JSON-RPC", "1 invalid: the answer is no JSON-RPC message", (seen) => json(seen, `{"hello":1}`)],
    ["the connection breaks", "1 lost: other side closed", ({ response }) => void response.destroy()],
    [
      "the connection breaks in the middle",
      "1 lost: other side closed",
      (seen) => {
        event(seen, { jsonrpc: "2.0", method: "notifications/progress" });
        setTimeout(() => seen.response.destroy(), 20);
      },
    ],
  ])("%s", async (_when, expected, call) => {
    const { request, lost, closed } = await connectTo(await startHttpUpstream(serve({ call })));
    request("call", 1);
    expect(await until(() => lost[0])).toContain(expected);
    expect(closed).toEqual([]);
  });

  test("nobody listens: it certainly did not run, and the connection is gone", async () => {
    const upstream = await startHttpUpstream(introduce);
    await upstream.stop();
    const { request, lost, closed } = await connectTo(upstream);
    request("call", 1);
    expect(await until(() => lost[0])).toContain("1 unsent: connect ECONNREFUSED");
    expect(closed).toHaveLength(1);
  });
});

test.each([
  ["before it answers", () => {}],
  ["in the middle of its answer", (seen: Seen) => event(seen, { jsonrpc: "2.0", method: "notifications/progress" })],
])("a request given up %s holds no connection of a server that hangs", async (_when, call) => {
  const upstream = await startHttpUpstream(serve({ call }));
  const { connection, request, closed } = await connectTo(upstream);
  request("call", 1);
  const { response } = await upstream.got("call");
  connection.abandon(1);
  await until(() => response.closed);
  connection.abandon(1);
  connection.abandon(2);
  expect(closed).toEqual([]);
});

test("a closed connection sends nothing and breaks nothing", async () => {
  const upstream = await startHttpUpstream(introduce);
  const { connection, request, lost } = await connectTo(upstream);
  await connection.close();
  await connection.close();
  connection.send(`{"jsonrpc":"2.0","method":"x"}`);
  request("call", 1);
  await until(() => lost[0]);
  expect(upstream.seen).toEqual([]);
});
