import { describe, expect, test } from "vitest";
import { ALL, aCallInFlight, asked } from "../../test/a-question.ts";
import { until } from "../../test/until.ts";

describe("a request that its upstream withdraws", () => {
  test("is withdrawn at the client under the client's id, recorded, and not answered", async () => {
    const { bridge, client, weather, begin, ask, responses } = await aCallInFlight();
    const { starting } = await begin();
    ask("u-1");
    const answer = await starting;
    const { id } = await asked(answer);
    weather.say({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "u-1", reason: "late" } });
    const withdrawn = await asked(answer, "notifications/cancelled");
    expect(withdrawn.params).toEqual({ requestId: id, reason: "late" });
    const completed = await until(() => bridge.told("governance.call.completed")[0]);
    expect(completed).toMatchObject({ method: "elicitation/create", outcome: { transport: "cancelled" } });
    await client.send({ jsonrpc: "2.0", id, result: { action: "accept" } });
    expect(responses()).toEqual([]);
  });

  test("is not another's", async () => {
    const { weather, begin, ask, client, answered } = await aCallInFlight();
    const { starting } = await begin();
    ask("u-1");
    const { id } = await asked(await starting);
    weather.say({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "u-2" } });
    await client.send({ jsonrpc: "2.0", id, result: {} });
    expect((await answered("u-1")).result).toEqual({});
  });
});

describe("the answer to a request of an upstream", () => {
  test("of a server that has died since reaches no heir of it", async () => {
    const { client, weather, begin, ask, responses } = await aCallInFlight();
    const { starting } = await begin();
    ask(1);
    const { id } = await asked(await starting);
    weather.breakOff("killed by SIGKILL");
    await until(() => weather.opened === 2 && weather.open === 1);
    await client.send({ jsonrpc: "2.0", id, result: { action: "accept" } });
    expect(responses()).toEqual([]);
  });

  test("is taken once, and from no other client", async () => {
    const { bridge, client, begin, ask, answered, responses } = await aCallInFlight();
    const other = await bridge.connect(ALL);
    const { starting } = await begin();
    ask(1);
    const { id } = await asked(await starting);
    await other.send({ jsonrpc: "2.0", id, result: { from: "other" } });
    await client.send({ jsonrpc: "2.0", id, result: { from: "client" } });
    await client.send({ jsonrpc: "2.0", id, result: { from: "client again" } });
    expect((await answered(1)).result).toEqual({ from: "client" });
    expect(responses()).toHaveLength(1);
  });
});

test("the end of an elicitation by URL is told to the client that was asked, and only of that upstream", async () => {
  const { client, weather, bridge, begin, ask } = await aCallInFlight();
  const own = await client.listen();
  const others = await (await bridge.connect(ALL)).listen();
  const { starting } = await begin();
  ask(1, "elicitation/create", { mode: "url", elicitationId: "e-1" });
  await asked(await starting);
  const ended = { jsonrpc: "2.0", method: "notifications/elicitation/complete", params: { elicitationId: "e-1" } };
  weather.say(ended);
  await until(() => own.messages.length === 1);
  weather.say(ended);
  expect([own.messages, others.messages]).toEqual([[ended], []]);
});
