import { describe, expect, test } from "vitest";
import { type Message, readClientMessage, readUpstreamMessage } from "../jsonrpc/message.ts";
import type { Caller } from "./caller.ts";
import { Link } from "./link.ts";

function aLink() {
  const sent: string[] = [];
  const heard: { message: Message; cause: Caller | undefined }[] = [];
  const closed: string[] = [];
  const abandoned: number[] = [];
  const hear = (message: Message, cause: Caller | undefined) => void heard.push({ message, cause });
  const link = new Link("weather", { onRequest: hear, onNotification: hear, onClose: (why) => void closed.push(why) });
  link.attach({
    request: (t) => sent.push(t),
    send: (t) => sent.push(t),
    abandon: (id) => void abandoned.push(id),
    initialized() {},
    async close() {},
  });
  return {
    link,
    sent,
    heard,
    closed,
    abandoned,
    say: (text: string, exchange?: number) => link.onMessage(read(text), exchange),
  };
}

const read = (text: string) => readUpstreamMessage(text);

const deaf = {
  onNotification() {},
  shown: (message: Message) => message,
  labelled: async () => true,
  say: async () => true,
};
const aCaller = (sessionId = "one"): Caller => ({ sessionId, ...deaf });

const aRequest = (caller = aCaller(), text = `{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{}}`) => ({
  message: readClientMessage(text),
  edits: [],
  caller,
  timeoutMs: 1_000,
});

describe("requests of many clients over one connection", () => {
  test("have ids of their own, though the clients' are equal", async () => {
    const { link, sent, say } = aLink();
    const [first, second] = [link.request(aRequest()), link.request(aRequest(aCaller("two")))];
    expect(sent.map((text) => JSON.parse(text).id)).toEqual([1, 2]);
    say(`{"jsonrpc":"2.0","id":2,"result":"second"}`);
    say(`{"jsonrpc":"2.0","id":1,"result":"first"}`);
    expect([(await first.response).result, (await second.response).result]).toEqual(["first", "second"]);
  });

  test("are answered by an error of no id where the transport knows which it is", async () => {
    const { link, say } = aLink();
    const { id, response } = link.request(aRequest());
    say(`{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}`, id);
    expect((await response).error).toMatchObject({ code: -32600, message: "no" });
  });

  test("have progress tokens of their own, and otherwise stay the text they were", () => {
    const { link, sent } = aLink();
    const text = (id: string, token: string, name: string) =>
      `{"jsonrpc":"2.0", "id":${id},"method":"m","params":{"_meta":{"progressToken":${token},"x":1.10},"name":${name}}}`;
    const message = readClientMessage(text(`"a"`, `"mine"`, `"public"`));
    const edits = [[message.span("params.name"), `"own"`]] as const;
    link.request({ message, edits, caller: aCaller(), timeoutMs: 1_000 });
    expect(sent).toEqual([text("1", "1", `"own"`)]);
  });

  test("have no progress token that their client did not give", () => {
    const { link, sent } = aLink();
    link.request(aRequest());
    expect(sent[0]).not.toContain("progressToken");
  });

  test.each([`"1"`, "2", "1.5", `"x"`])("are not answered by a response to %s", async (id) => {
    const { link, say } = aLink();
    const { response } = link.request(aRequest());
    say(`{"jsonrpc":"2.0","id":${id},"result":"other"}`);
    say(`{"jsonrpc":"2.0","id":1,"result":"own"}`);
    expect((await response).result).toBe("own");
  });

  test("take an error for an answer", async () => {
    const { link, say } = aLink();
    const { response } = link.request(aRequest());
    say(`{"jsonrpc":"2.0","id":1,"error":{"code":-32042,"message":"no"}}`);
    expect((await response).error).toEqual({ code: -32042, message: "no" });
  });
});

describe("who caused what an upstream says", () => {
  const ask = `{"jsonrpc":"2.0","id":9,"method":"elicitation/create","params":{}}`;

  test("is the sole session in flight, however many its calls", () => {
    const { link, heard, say } = aLink();
    link.request(aRequest());
    link.request(aRequest());
    say(ask);
    expect(heard[0]?.cause?.sessionId).toBe("one");
  });

  test("is unknown with none or two sessions in flight", () => {
    const { link, heard, say } = aLink();
    say(ask);
    link.request(aRequest());
    link.request(aRequest(aCaller("two")));
    say(ask);
    expect(heard.map(({ cause }) => cause)).toEqual([undefined, undefined]);
  });

  test("is not the gateway's own request", async () => {
    const { link, heard, say } = aLink();
    void link.ask("tools/list", {}, 1_000);
    link.request(aRequest());
    say(ask);
    say(ask, 1);
    expect(heard.map(({ cause }) => cause?.sessionId)).toEqual(["one", undefined]);
  });

  test("is known by the exchange it came on", () => {
    const { link, heard, say } = aLink();
    link.request(aRequest());
    link.request(aRequest(aCaller("two")));
    say(ask, 2);
    expect(heard[0]?.cause?.sessionId).toBe("two");
  });

  test("of progress is known by its token", () => {
    const { link, heard, say } = aLink();
    link.request(aRequest());
    link.request(aRequest(aCaller("two")));
    const progress = (token: string) =>
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":1}}`;
    for (const token of ["2", "1", "3", `"x"`, "null", `{"valueOf":1,"toString":1}`]) say(progress(token));
    expect(heard.map(({ cause }) => cause?.sessionId)).toEqual([
      "two",
      "one",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("a request without an answer", () => {
  test("ends with a timeout, of which the upstream is told, and a late answer is nobody's", async () => {
    const { link, sent, say, heard, abandoned } = aLink();
    const { response } = link.request({ ...aRequest(), timeoutMs: 20 });
    await expect(response).rejects.toMatchObject({
      code: "upstream.timeout",
      message: "the upstream weather did not answer within 20 ms",
    });
    expect(JSON.parse(sent[1] ?? "")).toMatchObject({ method: "notifications/cancelled", params: { requestId: 1 } });
    say(`{"jsonrpc":"2.0","id":1,"result":{}}`);
    expect([heard, abandoned]).toEqual([[], [1]]);
  });

  test.each([
    ["unsent", "upstream.unavailable"],
    ["lost", "upstream.lost"],
    ["invalid", "upstream.invalid"],
    ["session", "upstream.unavailable"],
  ] as const)("that is %s fails with %s, and no other does", async (reason, code) => {
    const { link, say } = aLink();
    const [first, second] = [link.request(aRequest()), link.request(aRequest())];
    link.onExchangeLost(1, reason, "why");
    await expect(first.response).rejects.toMatchObject({ code });
    say(`{"jsonrpc":"2.0","id":2,"result":"fine"}`);
    expect((await second.response).result).toBe("fine");
  });

  test("fails with all others when the connection is gone, which is told once", async () => {
    const { link, closed } = aLink();
    const both = [link.request(aRequest()).response, link.ask("ping", {}, 1_000)];
    link.onClose("killed by SIGKILL");
    for (const response of both) await expect(response).rejects.toMatchObject({ code: "upstream.lost" });
    expect(closed).toEqual(["killed by SIGKILL"]);
  });

  test("fails when the gateway closes the connection", async () => {
    const { link } = aLink();
    const { response } = link.request(aRequest());
    const failed = expect(response).rejects.toMatchObject({ code: "upstream.lost" });
    await link.close();
    await failed;
  });

  test("because its client cancelled it tells the upstream in the client's words", async () => {
    const { link, sent } = aLink();
    const { id, response } = link.request(aRequest());
    link.cancel(id, `{"cancelled":${id}}`);
    await expect(response).rejects.toMatchObject({ code: "client.cancelled" });
    expect(sent.at(-1)).toBe(`{"cancelled":1}`);
    link.cancel(id, "too late");
    expect(sent).toHaveLength(2);
  });
});
