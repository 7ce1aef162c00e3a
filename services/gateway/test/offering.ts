import { silentLog } from "@mcp-governance-bridge/shared";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { EMPTY, itemsOf, KINDS, type Kind } from "../src/catalogue/catalogue.ts";
import { readUpstreamMessage } from "../src/jsonrpc/message.ts";
import { Upstream } from "../src/upstream/upstream.ts";
import { aServer } from "./builders.ts";
import { aWire } from "./wire.ts";

/** A list's page with these items as JSON text, as an upstream sends it. */
export function aPage(kind: Kind, items: readonly string[]) {
  return readUpstreamMessage(`{"jsonrpc":"2.0","id":1,"result":{"${KINDS[kind].member}":[${items.join()}]}}`);
}

/** An upstream that is known to offer these items, given as JSON text. It is not connected. */
export function anUpstream(
  name: string,
  offered: Partial<Record<Kind, readonly string[]>> = {},
  governance: Parameters<typeof aServer>[1] = {},
): Upstream {
  const server = aServer({ name }, governance);
  const upstream = new Upstream({
    server,
    connect: aWire().connect,
    publisher: createMemoryEventBus(),
    log: silentLog,
  });
  const kinds = Object.keys(offered) as Kind[];
  const lists = kinds.map((kind) => [kind, itemsOf(kind, aPage(kind, offered[kind] ?? []))]);
  upstream.catalogue = { ...EMPTY, ...Object.fromEntries(lists) };
  return upstream;
}
