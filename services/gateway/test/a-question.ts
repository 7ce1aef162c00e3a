import { type BridgeOptions, startBridge } from "./bridge.ts";
import type { Answer } from "./client.ts";
import { until } from "./until.ts";
import { aWire } from "./wire.ts";

export const ALL = { sampling: {}, elicitation: {}, roots: {} };
const FORECAST = { name: "weather_forecast", _meta: { progressToken: "p" } };

/** A bridge with a call in flight, on whose behalf the upstream may ask. */
export async function aCallInFlight(options: BridgeOptions = {}, capabilities: object = ALL) {
  const weather = aWire({ lists: { tools: [{ name: "forecast" }] } });
  const bridge = await startBridge({ ...options, wires: { weather } });
  const client = await bridge.connect(capabilities);
  const calls = () => weather.sent.filter(({ method }) => method === "tools/call");
  /** Begins a call; the promise of its answer is wrapped, as it settles when the answer begins. */
  const begin = async (by = client) => {
    const before = calls().length;
    const starting = by.start("tools/call", FORECAST);
    const request = await until(() => calls()[before]);
    return { starting, request };
  };
  const ask = (id: number | string, method = "elicitation/create", params: object = { message: "sure?" }) =>
    weather.say({ jsonrpc: "2.0", id, method, params });
  const answered = (id: number | string) =>
    until(() => weather.sent.find((message) => message.kind === "response" && message.id === JSON.stringify(id)));
  const responses = () => weather.sent.filter(({ kind }) => kind === "response");
  return { bridge, client, weather, begin, ask, answered, responses };
}

export const asked = (answer: Answer, method = "elicitation/create") =>
  until(() => answer.messages.find((message) => message.method === method));
