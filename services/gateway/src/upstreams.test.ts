import { silentLog } from "@mcp-governance-bridge/shared";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { expect, test } from "vitest";
import { aServer } from "../test/builders.ts";
import { aWire } from "../test/wire.ts";
import { Upstream } from "./upstream/upstream.ts";
import { placesOf } from "./upstreams.ts";

const anUpstream = (name: string, port: number, disabled = false) => {
  const server = aServer({ name, port, disabled });
  return new Upstream({ server, connect: aWire().connect, publisher: createMemoryEventBus(), log: silentLog });
};

const placed = (basePort: number, upstreams: readonly Upstream[]) =>
  placesOf({ basePort }, upstreams, silentLog).map(({ name, port, view }) => [
    name,
    port,
    view.upstreams.map(({ server }) => server.name),
  ]);

test("there is one listener a port, each with its own servers, in the order of the configuration", () => {
  const upstreams = [anUpstream("a", 8174), anUpstream("b", 8173), anUpstream("c", 8174), anUpstream("d", 8175, true)];
  expect(placed(8173, upstreams)).toEqual([
    ["8173", 8173, ["b"]],
    ["8174", 8174, ["a", "c"]],
  ]);
});

test("the base port is open even where every server has a port of its own", () => {
  expect(placed(8173, [anUpstream("a", 8174)])).toEqual([
    ["8173", 8173, []],
    ["8174", 8174, ["a"]],
  ]);
});
