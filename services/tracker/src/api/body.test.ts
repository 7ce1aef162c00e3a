import { once } from "node:events";
import { connect } from "node:net";
import { serveHealth } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aPolicyAdmin } from "../../test/a-policy-admin.ts";
import { anApi, aPolicyApi, change, type Sent } from "../../test/a-policy-api.ts";

describe("a body", () => {
  const big = JSON.stringify({ settings: { note: "x".repeat(1_048_576) }, ...change });

  test.each<[what: string, sent: Sent, refusal: [status: number, code: string]]>([
    ["that is no JSON", { body: "{" }, [400, "message.unparsable"]],
    ["that is no object", { body: "[]" }, [400, "request.invalid"]],
    ["of another type", { body: "{}", headers: { "content-type": "text/plain" } }, [415, "http.media_type"]],
    ["without a type", { body: "{}", headers: { "content-type": "" } }, [415, "http.media_type"]],
    ["that is too large", { body: big }, [413, "message.too_large"]],
  ])("%s is refused", async (_what, sent, [status, code]) => {
    const { ask, asked } = aPolicyApi();
    expect(await ask("PUT /global", sent)).toMatchObject({ status, body: { status: "error", code } });
    expect(asked).toEqual([]);
  });

  test("may say its characters are UTF-8", async () => {
    const { ask } = aPolicyApi();
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect(await ask("PUT /global", { body: { settings: {}, ...change }, headers })).toMatchObject({ status: 200 });
  });
});

const HEAD = [
  "PUT /governance/policies/global HTTP/1.1",
  "host: 127.0.0.1",
  "content-type: application/json",
  "transfer-encoding: chunked",
  "\r\n",
].join("\r\n");
const chunkOf = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Sends up to so many bytes of a body in pieces, without telling its size first, until an answer comes; resolves to its status. */
async function sendChunked(port: number, bytes: number): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  const answer = once(socket, "data").then(([data]) => Number(String(data).split(" ")[1]));
  let isAnswered = false;
  socket.once("data", () => (isAnswered = true));
  // The other side hangs up on what it does not want to read.
  socket.on("error", () => undefined);
  const send = (text: string): Promise<void> => new Promise((done) => socket.write(text, () => setImmediate(done)));
  await send(HEAD);
  const piece = chunkOf(" ".repeat(65_536));
  for (let sent = 0; sent < bytes && !isAnswered; sent += 65_536) await send(piece);
  if (!isAnswered) await send(`${chunkOf(JSON.stringify({ settings: {}, ...change }))}0\r\n\r\n`);
  const status = await answer;
  socket.destroy();
  return status;
}

test("a body whose size is not told is read no further than it may be", async () => {
  const { policy, asked } = aPolicyAdmin();
  const store = { aggregate: () => Promise.reject(new Error("not asked")) };
  const { handle } = anApi({ store, policy, edits: "open" });
  const served = await serveHealth({ checks: {}, host: "127.0.0.1", port: 0, otherwise: handle });
  expect(await sendChunked(served.port, 524_288)).toBe(200);
  expect(await sendChunked(served.port, 4 * 1_048_576)).toBe(413);
  expect(asked).toHaveLength(1);
  await served.close();
});
