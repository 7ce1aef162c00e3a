import { describe, expect, test } from "vitest";
import { connectTo, serve } from "../../test/http-connection.ts";
import { event, introduce, json, resultFor, startHttpUpstream } from "../../test/http-upstream.ts";
import { until } from "../../test/until.ts";

describe("an upstream's session", () => {
  const session = { "mcp-session-id": "s-1" };

  test("is sent with every message after it was given, with the version agreed on, and ended at last", async () => {
    const upstream = await startHttpUpstream((seen) => {
      if (!introduce(seen, { headers: session })) json(seen, resultFor(seen));
    });
    const { connection, request, heard } = await connectTo(upstream);
    request("initialize", 1);
    await until(() => heard.length === 1);
    connection.initialized("2025-06-18");
    connection.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`);
    request("call", 2);
    await until(() => heard.length === 2);
    await upstream.got("notifications/initialized");
    await connection.close();
    const said = upstream.seen.map(({ method, rpc, headers }) => [
      rpc.method ?? method,
      headers["mcp-session-id"],
      headers["mcp-protocol-version"],
    ]);
    expect(said[0]).toEqual(["initialize", undefined, undefined]);
    expect(
      said
        .slice(1)
        .map(([what]) => what)
        .toSorted(),
    ).toEqual(["DELETE", "GET", "call", "notifications/initialized"]);
    for (const [, id, version] of said.slice(1)) expect([id, version]).toEqual(["s-1", "2025-06-18"]);
  });

  test("that is forgotten fails the request as one that was not looked at", async () => {
    const upstream = await startHttpUpstream((seen) => {
      if (!introduce(seen, { headers: session }))
        json(seen, { jsonrpc: "2.0", id: null, error: { code: -32001, message: "gone" } }, { status: 404 });
    });
    const { request, heard, lost } = await connectTo(upstream);
    request("initialize", 1);
    await until(() => heard.length === 1);
    request("call", 2);
    expect(await until(() => lost.find((each) => each.startsWith("2")))).toMatch(/^2 session: HTTP 404/);
  });

  test("that never was makes a 404 an ordinary loss", async () => {
    const upstream = await startHttpUpstream(serve({ call: ({ response }) => void response.writeHead(404).end() }));
    const { request, lost } = await connectTo(upstream);
    request("call", 1);
    expect(await until(() => lost[0])).toBe("1 lost: HTTP 404");
  });
});

describe("what an upstream says by itself", () => {
  const changed = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };

  test("comes on the GET stream, which is opened again when it ends, but not where there is none", async () => {
    const upstream = await startHttpUpstream(
      serve({
        GET(seen) {
          event(seen, changed);
          seen.response.end();
        },
      }),
    );
    const without = await startHttpUpstream(introduce);
    const { connection, heard } = await connectTo(upstream);
    const other = await connectTo(without);
    other.connection.initialized("2025-06-18");
    await without.got("GET");
    connection.initialized("2025-06-18");
    await until(() => heard.length === 2);
    expect(heard[0]).toMatchObject({ exchange: undefined, message: { method: changed.method } });
    expect(upstream.seen[0]?.headers.accept).toBe("text/event-stream");
    expect(without.seen.filter(({ method }) => method === "GET")).toHaveLength(1);
    expect(other.closed).toEqual([]);
  });

  test("ends the connection when the stream that there was is not found any more", async () => {
    let streams = 0;
    const upstream = await startHttpUpstream(
      serve({
        GET(seen) {
          streams += 1;
          if (streams === 1) event(seen, changed);
          else seen.response.writeHead(404);
          seen.response.end();
        },
      }),
    );
    const { connection, closed } = await connectTo(upstream);
    connection.initialized("2025-06-18");
    expect(await until(() => closed[0])).toBe("the upstream forgot the session");
  });

  test("is done without where the first answer to GET is 404, as some servers have it", async () => {
    const upstream = await startHttpUpstream(serve({ GET: ({ response }) => void response.writeHead(404).end() }));
    const { connection, closed } = await connectTo(upstream);
    connection.initialized("2025-06-18");
    await upstream.got("GET");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toEqual([]);
  });

  test("is logged and ignored when it is no message", async () => {
    const upstream = await startHttpUpstream(
      serve({
        GET(seen) {
          event(seen, "no JSON");
          event(seen, "[]");
          event(seen, changed);
        },
      }),
    );
    const { connection, heard, lines } = await connectTo(upstream);
    connection.initialized("2025-06-18");
    await until(() => heard.length === 1);
    expect(lines.filter(({ msg }) => msg === "upstream sent what is no message")).toHaveLength(2);
  });
});
