import type { Server } from "@mcp-governance-bridge/shared/configuration";
import { expect, test } from "vitest";
import { aServer } from "../test/builders.ts";
import { anUpstream } from "../test/offering.ts";
import { isReachedAlike, portsOf } from "./upstreams.ts";

const at = (name: string, port: number, disabled = false) => aServer({ name, port, disabled });

const placed = (basePort: number, servers: readonly Server[]) => {
  const upstreams = new Map(servers.map((server) => [server, anUpstream(server.name)]));
  return [...portsOf({ basePort }, upstreams)].map(([port, served]) => [port, served.map(({ server }) => server.name)]);
};

test("there is one listener a port, each with its own servers, in the order of the configuration", () => {
  const servers = [at("a", 8174), at("b", 8173), at("c", 8174), at("d", 8175, true)];
  expect(placed(8173, servers)).toEqual([
    [8173, ["b"]],
    [8174, ["a", "c"]],
  ]);
});

test("the base port is open even where every server has a port of its own", () => {
  expect(placed(8173, [at("a", 8174)])).toEqual([
    [8173, []],
    [8174, ["a"]],
  ]);
});

test("a server is reached alike until its transport or whether it is on changes", () => {
  const transport = { kind: "stdio", command: "weather", args: [], env: {} } as const;
  expect(isReachedAlike(aServer({ port: 1 }), aServer({ port: 2, timeoutMs: 7 }))).toBe(true);
  expect(isReachedAlike(aServer(), aServer({ transport: { ...transport, env: { A: "1" } } }))).toBe(false);
  expect(isReachedAlike(aServer(), aServer({ disabled: true }))).toBe(false);
});
