import { fileURLToPath } from "node:url";
import type { EventOf, Subject } from "@mcp-governance-bridge/shared";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { onTestFinished } from "vitest";
import type { Kind } from "../src/catalogue/catalogue.ts";
import { type Message, readClientMessage } from "../src/jsonrpc/message.ts";
import type { Connect } from "../src/upstream/connection.ts";
import { httpConnect } from "../src/upstream/http-connection.ts";
import { stdioConnect } from "../src/upstream/stdio-connection.ts";
import { Upstream } from "../src/upstream/upstream.ts";
import { aLog } from "./a-log.ts";
import { aServer } from "./builders.ts";
import { until } from "./until.ts";
import type { Wire } from "./wire.ts";

export const CHILD = fileURLToPath(new URL("./fixtures/child.mjs", import.meta.url));

/** An upstream that has begun to connect, and what is heard of it. Closed with the test. */
export function startUpstream(connect: Connect, changes: Parameters<typeof aServer>[0] = {}) {
  const bus = createMemoryEventBus();
  const { log, lines } = aLog();
  const upstream = new Upstream({ server: aServer(changes), connect, publisher: bus, log });
  const heard: { method: string; session: string | undefined }[] = [];
  const catalogues: Kind[][] = [];
  const hear = ({ method }: Message, cause?: { sessionId: string }) =>
    void heard.push({ method, session: cause?.sessionId });
  upstream.start({
    onRequest: ({ message, cause }) => hear(message, cause),
    onNotification: (_from, message, cause) => hear(message, cause),
    onCatalogue: (_from, kinds) => void catalogues.push([...kinds]),
  });
  onTestFinished(() => upstream.close());
  const told = <S extends Subject>(subject: S) =>
    bus.published.filter((each) => each.subject === subject).map(({ event }) => event as EventOf<S>);
  return {
    upstream,
    heard,
    catalogues,
    lines,
    told,
    connected: () => until(() => upstream.state === "connected"),
    states: () => told("governance.upstream.changed").map(({ state }) => state),
    names: (kind: Kind) => upstream.catalogue[kind].map(({ key }) => key),
  };
}

/** A client's call on its way. */
export const aRequest = (id = 1, timeoutMs = 5_000) => ({
  message: readClientMessage(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"x"}}`),
  edits: [],
  caller: {
    sessionId: "one",
    onNotification() {},
    shown: (message: Message) => message,
    labelled: async () => true,
    say: async () => true,
  },
  timeoutMs,
});

export const overHttp = (port: number): Connect =>
  httpConnect({
    transport: { kind: "streamable-http", url: `http://127.0.0.1:${port}/mcp`, headers: {} },
    log: aLog().log,
  });

export const asChild = (...args: string[]): Connect => {
  const transport = { kind: "stdio", command: process.execPath, args: [CHILD, ...args], env: {} } as const;
  return stdioConnect({ transport, env: process.env, log: aLog().log });
};

export const callsOf = (wire: Wire) => wire.sent.filter(({ method }) => method === "tools/call");
