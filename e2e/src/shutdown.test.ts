import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openRaw } from "./client/raw.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { echo } from "./system/configuration.ts";
import { startStandalone } from "./system/standalone.ts";

test("stopping answers the call under way, exits with 0, and its record is there after the next start", async () => {
  const system = await startStandalone({ servers: { echo: echo() } });
  onTestFinished(() => system.stop());
  const session = await openRaw(system.url());
  const call = session.call("echo_slow", `{"ms":1500}`);
  await sleep(300);
  const service = system.service("standalone");
  const life = service.process();
  await Promise.all([life.stop(), expect(call).resolves.toContain("at last")]);
  expect(life.ended()).toBe(0);

  await service.restart();
  const [log] = await toolLogs(system, { tool_name: "slow" });
  expect(log).toMatchObject({ status: "success", outputs: { content: [{ text: "at last" }] } });
});

test("a kill loses no record of a call that was answered", async () => {
  const system = await startStandalone({ servers: { echo: echo() } });
  onTestFinished(() => system.stop());
  const session = await openRaw(system.url());
  for (let call = 0; call < 20; call += 1) await session.call("echo_echo", `{"message":"call ${call}"}`);
  const service = system.service("standalone");
  service.process().kill("SIGKILL");
  await service.process().stop();
  await service.restart();
  const logs = await toolLogs(system, { tool_name: "echo", limit: "1000" }, { count: 20 });
  expect(logs).toHaveLength(20);
  expect(new Set(logs.map((log) => JSON.stringify(log.inputs))).size).toBe(20);
});
