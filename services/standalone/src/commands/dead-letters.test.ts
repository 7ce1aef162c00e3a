import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { UsageError } from "./command.ts";
import { deadLetters } from "./dead-letters.ts";

const letter = (id: string) => ({
  letter_id: id,
  subject: "governance.odd",
  reason: "unknown\u001b[31m subject",
  payload_size: 12,
  timestamp: "2026-03-01T10:00:00.000Z",
});

interface Answer {
  status?: number;
  body: unknown;
}

let server: Server | undefined;
afterEach(() => void server?.close());

/** An API that answers each request in turn with the next of these. */
async function anApi(...answers: Answer[]) {
  const asked: { path: string | undefined; token: string | undefined; body: string }[] = [];
  const note = async (request: IncomingMessage) =>
    asked.push({ path: request.url, token: request.headers.authorization, body: await text(request) });
  server = createServer(async (request, response) => {
    await note(request);
    const { status = 200, body } = answers.shift() ?? { status: 500, body: {} };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function run(args: string[], env: NodeJS.ProcessEnv = {}) {
  const out: string[] = [];
  const print = (line: string) => void out.push(line);
  const terminal = { env, cwd: "/nonexistent", readInput: async () => "", print, printError: print };
  return { status: await deadLetters.run(args, terminal), out };
}

describe("dead-letters", () => {
  test("lists what is dead, page after page, as text that steers no terminal", async () => {
    const { asked, url } = await anApi(
      { body: { status: "success", data: [letter("a")], next: "c=1" } },
      { body: { status: "success", data: [letter("b")] } },
    );
    expect(await run(["--url", url])).toEqual({
      status: 0,
      out: [
        "id  came                      subject         characters  reason",
        "a   2026-03-01T10:00:00.000Z  governance.odd          12  unknown\ufffd[31m subject",
        "b   2026-03-01T10:00:00.000Z  governance.odd          12  unknown\ufffd[31m subject",
      ],
    });
    expect(asked.map(({ path }) => path)).toEqual([
      "/governance/dead-letters?status=dead&limit=1000",
      "/governance/dead-letters?status=dead&limit=1000&cursor=c%3D1",
    ]);
  });

  test("says so where nothing is dead", async () => {
    const { url } = await anApi({ body: { status: "success", data: [] } });
    expect(await run(["list", "--url", `${url}/`])).toEqual({ status: 0, out: ["no dead letters"] });
  });

  test("publishes the letters that are named, with the token of the variable that is named", async () => {
    const data = { redriven: 1, dead: 1, still_dead: [{ id: "b", reason: "unknown subject" }] };
    const { asked, url } = await anApi({ body: { status: "success", data } });
    const args = ["redrive", "--id", "a", "--id", "b", "--url", url, "--token-env", "TOKEN"];
    expect(await run(args, { TOKEN: "secret" })).toEqual({
      status: 1,
      out: ["1 published again, 1 still dead", "  b  unknown subject"],
    });
    expect(asked).toEqual([
      { path: "/governance/dead-letters/redrive", token: "Bearer secret", body: '{"ids":["a","b"]}' },
    ]);
  });

  test("publishes all, without a token where there is none", async () => {
    const data = { redriven: 3, dead: 0, still_dead: [] };
    const { asked, url } = await anApi({ body: { status: "success", data } });
    expect(await run(["redrive", "--all", "--url", url])).toMatchObject({ status: 0 });
    expect(asked).toMatchObject([{ token: undefined, body: '{"all":true}' }]);
  });

  test("says what the API refuses, and how a token is given", async () => {
    const refusal = { status: 401, body: { status: "error", error: "changes need the admin token" } };
    const { url } = await anApi(refusal, { body: { hello: "world" } });
    await expect(run(["redrive", "--all", "--url", url])).rejects.toThrow(/changes need the admin token \(--token-env/);
    await expect(run(["--url", url])).rejects.toThrow(`${url} is no governance API of this version: it answered 200`);
  });

  test("says where nothing listens", async () => {
    const { url } = await anApi();
    await new Promise((closed) => server?.close(closed));
    await expect(run(["--url", url])).rejects.toThrow(`no governance API answers at ${url}: ECONNREFUSED`);
  });

  test.each([
    [["redrive"], "needs --id"],
    [["redrive", "--id", "a", "--all"], "needs --id"],
    [["list", "--all"], "go with dead-letters redrive"],
    [["bury"], "One of list, redrive"],
    [["redrive", "a"], 'takes no "a"'],
    [["--url", "localhost:8173"], "is no http address"],
  ])("%j is wrong usage", async (args, complaint) => {
    const outcome = run(args);
    await expect(outcome).rejects.toThrow(UsageError);
    await expect(outcome).rejects.toThrow(complaint);
  });
});
