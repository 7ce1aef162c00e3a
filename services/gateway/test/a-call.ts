import { type BridgeOptions, startBridge } from "./bridge.ts";
import { until } from "./until.ts";
import { aWire } from "./wire.ts";

export const FORECAST = { name: "weather_forecast", arguments: { city: "Oslo" } };

/** A bridge with one upstream and one client, and what passes between them. */
export async function aCall(options: BridgeOptions = {}) {
  const weather = aWire({ lists: { tools: [{ name: "forecast", annotations: { readOnlyHint: true } }] } });
  const bridge = await startBridge({ ...options, wires: { weather } });
  const client = await bridge.connect();
  const sent = (method = "tools/call") => until(() => weather.sent.find((message) => message.method === method));
  const completed = () => until(() => bridge.told("governance.call.completed")[0]);
  const cancel = (id: number) =>
    client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id, reason: "bored" } });
  return { bridge, client, weather, sent, completed, cancel };
}
