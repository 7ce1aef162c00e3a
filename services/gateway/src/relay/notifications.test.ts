import { describe, expect, test } from "vitest";
import { startBridge } from "../../test/bridge.ts";
import { aDenial, aPermit } from "../../test/builders.ts";
import { until } from "../../test/until.ts";
import { aWire } from "../../test/wire.ts";

const NOTES = {
  capabilities: { resources: { subscribe: true }, logging: {}, tools: {} },
  lists: { resources: [{ uri: "file:///a.txt", name: "a" }], tools: [{ name: "write" }] },
};
const URI = { uri: "file:///a.txt" };
const UPDATED = { jsonrpc: "2.0", method: "notifications/resources/updated", params: URI };
const logged = (level: string) => ({ jsonrpc: "2.0", method: "notifications/message", params: { level, data: "x" } });
/** Sent last, so that whatever was to come before it has come. */
const LAST = "notifications/tools/list_changed";

async function aBridge(decide = () => aPermit as ReturnType<typeof aDenial> | typeof aPermit) {
  const notes = aWire(NOTES);
  const bridge = await startBridge({ wires: { notes }, decide });
  const aListener = async () => {
    const client = await bridge.connect();
    const stream = await client.listen();
    const forward = async (method: string, params: object, result: object = {}) => {
      const before = notes.sent.length;
      const call = client.request(method, params);
      const request = await until(() => notes.sent.slice(before).find((message) => message.method === method));
      notes.answer(request, result);
      await call;
    };
    return { client, stream, forward };
  };
  const heardBy = async ({ stream }: Awaited<ReturnType<typeof aListener>>) => {
    notes.lists.tools = [];
    notes.say({ jsonrpc: "2.0", method: LAST });
    await until(() => stream.messages.at(-1)?.method === LAST);
    return stream.messages.filter(({ method }) => method !== LAST);
  };
  return { notes, bridge, aListener, heardBy };
}

describe("an updated resource", () => {
  test("is told to those who subscribed to it, and to nobody else", async () => {
    const { notes, aListener, heardBy } = await aBridge();
    const [subscriber, other] = [await aListener(), await aListener()];
    await subscriber.forward("resources/subscribe", URI);
    notes.say({ ...UPDATED, params: { ...UPDATED.params, title: "what no rule has seen" } });
    notes.say({ ...UPDATED, params: { uri: "file:///other.txt" } });
    expect(await heardBy(subscriber)).toEqual([UPDATED]);
    expect(await heardBy(other)).toEqual([]);
  });

  test("is not told to one whose subscription was denied", async () => {
    const { notes, aListener, heardBy } = await aBridge(() => aDenial());
    const denied = await aListener();
    await denied.client.request("resources/subscribe", URI);
    notes.say(UPDATED);
    expect(await heardBy(denied)).toEqual([]);
  });

  test("is not told after the last subscriber has left, and the upstream is told so", async () => {
    const { notes, aListener } = await aBridge();
    const [one, two] = [await aListener(), await aListener()];
    await one.forward("resources/subscribe", URI);
    await two.forward("resources/subscribe", URI);
    const unsubscribed = () => notes.texts.filter((text) => text.includes("resources/unsubscribe")).length;
    await one.client.request("resources/unsubscribe", URI);
    expect(unsubscribed()).toBe(0);
    await two.client.end();
    await until(() => unsubscribed() === 1);
  });
});

describe("a log message of no call", () => {
  test("reaches the sole client that ever used the upstream", async () => {
    const { notes, aListener, heardBy } = await aBridge();
    const [user, other] = [await aListener(), await aListener()];
    await user.forward("tools/call", { name: "notes_write" });
    notes.say(logged("info"));
    expect(await heardBy(user)).toEqual([logged("info")]);
    expect(await heardBy(other)).toEqual([]);
  });

  test("reaches nobody once two have used it", async () => {
    const { notes, aListener, heardBy } = await aBridge();
    const [one, two] = [await aListener(), await aListener()];
    for (const { forward } of [one, two]) await forward("tools/call", { name: "notes_write" });
    notes.say(logged("emergency"));
    expect([await heardBy(one), await heardBy(two)]).toEqual([[], []]);
  });

  test("reaches no client whose only call was denied", async () => {
    const { notes, aListener, heardBy } = await aBridge(() => aDenial());
    const denied = await aListener();
    await denied.client.request("tools/call", { name: "notes_write" });
    notes.say(logged("emergency"));
    expect(await heardBy(denied)).toEqual([]);
  });

  test("comes only from the level that the client asked for", async () => {
    const { notes, aListener, heardBy } = await aBridge();
    const user = await aListener();
    await user.client.request("logging/setLevel", { level: "warning" });
    await user.forward("tools/call", { name: "notes_write" });
    for (const level of ["debug", "info", "notice", "warning", "error", "emergency", "unheard"])
      notes.say(logged(level));
    expect((await heardBy(user)).map(({ params }) => params?.level)).toEqual(["warning", "error", "emergency"]);
  });
});

test("a log message about a call comes on the call's stream, from the level asked for", async () => {
  const { notes, aListener } = await aBridge();
  const { client } = await aListener();
  await client.request("logging/setLevel", { level: "error" });
  const starting = client.start("tools/call", { name: "notes_write" });
  const request = await until(() => notes.sent.find(({ method }) => method === "tools/call"));
  notes.say(logged("warning"));
  notes.say(logged("error"));
  notes.answer(request, {});
  const answer = await starting;
  await answer.ended;
  expect(answer.messages).toMatchObject([logged("error"), { result: {} }]);
});

test("a changed list is told to every client that listens, and is there when they look", async () => {
  const { notes, aListener } = await aBridge();
  const [one, two] = [await aListener(), await aListener()];
  notes.lists.tools = [{ name: "erase" }];
  notes.say({ jsonrpc: "2.0", method: LAST });
  for (const { stream } of [one, two]) await until(() => stream.messages.some(({ method }) => method === LAST));
  expect((await one.client.request("tools/list")).result).toEqual({ tools: [{ name: "notes_erase" }] });
});

test("what a client says of itself reaches no upstream that others share", async () => {
  const { notes, aListener } = await aBridge();
  const { client } = await aListener();
  const before = notes.texts.length;
  for (const method of ["notifications/initialized", "notifications/roots/list_changed", "notifications/unheard"]) {
    expect((await client.send({ jsonrpc: "2.0", method })).status).toBe(202);
  }
  expect((await client.send({ jsonrpc: "2.0", id: 99, result: {} })).status).toBe(202);
  expect(notes.texts).toHaveLength(before);
});
