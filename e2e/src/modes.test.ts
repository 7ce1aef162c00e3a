import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connectV2, textOf } from "./client/official.ts";
import { openRaw } from "./client/raw.ts";
import { readToolLogs } from "./client/tool-logs.ts";
import { echo } from "./system/configuration.ts";
import { freePorts } from "./system/ports.ts";
import { startStandalone } from "./system/standalone.ts";
import type { System } from "./system/system.ts";
import { answers } from "./system/until.ts";

/** The public names of the tools called echo that a listener serves. */
async function echoesAt(url: string): Promise<string[]> {
  const client = await connectV2(url);
  const { tools } = await client.listTools();
  return tools.map(({ name }) => name).filter((name) => name.endsWith("_echo"));
}

describe("unified mode", () => {
  let system: System;
  beforeAll(async () => {
    system = await startStandalone({ servers: { one: echo(), two: echo({ mode: "separate_port" }) } });
  });
  afterAll(() => system.stop());

  test("serves every server on the base port, whatever their own modes", async () => {
    expect(await echoesAt(system.url())).toEqual(["one_echo", "two_echo"]);
  });

  test("hides the upstream's own names", async () => {
    const session = await openRaw(system.url());
    expect(await session.call("echo", `{"message":"hidden"}`)).toContain("-32602");
  });
});

describe("multi-port mode", () => {
  let system: System;
  let ports: number[];
  beforeAll(async () => {
    ports = await freePorts(2);
    const [one, two] = ports;
    system = await startStandalone({
      governance: { deployment_mode: "multi-port" },
      servers: { one: echo({ port: one }), two: echo({ port: two }) },
    });
  });
  afterAll(() => system.stop());

  test("serves each server on a port of its own", async () => {
    expect(await echoesAt(system.url(ports[0]))).toEqual(["one_echo"]);
    expect(await echoesAt(system.url(ports[1]))).toEqual(["two_echo"]);
  });

  test("has probes and records on the base port, but no tool", async () => {
    expect(await answers(`http://127.0.0.1:${system.basePort}/healthz`, 200)).toBe(true);
    expect(await readToolLogs(`http://127.0.0.1:${system.basePort}`, {})).toEqual([]);
    expect(await echoesAt(system.url())).toEqual([]);
  });

  test("does not know a session of one port on another", async () => {
    const session = await openRaw(system.url(ports[0]));
    const answer = await fetch(system.url(ports[1]), {
      method: "POST",
      headers: session.headers,
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
    expect(answer.status).toBe(404);
  });
});

describe("hybrid mode", () => {
  test("serves unified servers on the base port and each separate one on its own", async () => {
    const [port] = await freePorts(1);
    const system = await startStandalone({
      governance: { deployment_mode: "hybrid" },
      servers: { one: echo(), two: echo(), three: echo({ mode: "separate_port", port }) },
    });
    onTestFinished(() => system.stop());
    expect(await echoesAt(system.url())).toEqual(["one_echo", "two_echo"]);
    expect(await echoesAt(system.url(port))).toEqual(["three_echo"]);
  });

  test("goes on without the one listener whose port is taken, and says which", async () => {
    const squatter = createServer((_request, response) => response.writeHead(418).end());
    await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
    const { port } = squatter.address() as { port: number };
    onTestFinished(() => void squatter.close());
    const system = await startStandalone(
      {
        governance: { deployment_mode: "hybrid" },
        servers: { one: echo(), two: echo({ mode: "separate_port", port }) },
      },
      { readyPath: "/healthz" },
    );
    onTestFinished(() => system.stop());
    const client = await connectV2(system.url());
    expect(textOf(await client.callTool({ name: "one_echo", arguments: { message: "still here" } }))).toBe(
      "still here",
    );
    const ready = await fetch(`http://127.0.0.1:${system.basePort}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain(String(port));
  });
});
