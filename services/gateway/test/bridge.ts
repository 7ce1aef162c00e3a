import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type CompletionReport,
  type Decision,
  type EventOf,
  type Log,
  type Subject,
  silentLog,
} from "@mcp-governance-bridge/shared";
import type { Configuration } from "@mcp-governance-bridge/shared/configuration";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { onTestFinished } from "vitest";
import { createMemorySessionStore } from "../src/adapters/memory-session-store.ts";
import { View } from "../src/catalogue/view.ts";
import { createSessionFront } from "../src/front/session-front.ts";
import { Sessions } from "../src/front/sessions.ts";
import { createInFlight } from "../src/in-flight.ts";
import type { Ask, DecisionPoint, SessionStore } from "../src/ports.ts";
import { createRelaying } from "../src/relay/relaying.ts";
import { Upstream } from "../src/upstream/upstream.ts";
import { createHearing } from "../src/upstreams.ts";
import { aConfiguration, aDecisionPoint, aPermit, aServer } from "./builders.ts";
import { connectClient } from "./client.ts";
import { until } from "./until.ts";
import { aWire, type Wire } from "./wire.ts";

export interface BridgeOptions {
  wires?: Readonly<Record<string, Wire>>;
  decide?: (ask: Ask) => Decision | Promise<Decision>;
  completed?: (report: CompletionReport) => Promise<void>;
  visible?: DecisionPoint["visible"];
  settings?: Partial<Configuration>;
  server?: Parameters<typeof aServer>[0];
  governance?: Parameters<typeof aServer>[1];
  store?: SessionStore;
  log?: Log;
}

const LISTENER = "8173";

/** The whole way of a call on memory: a listener that real clients call, upstreams in memory, a bus that keeps everything. */
export async function startBridge(options: BridgeOptions = {}) {
  const { wires = { weather: aWire({ lists: { tools: [{ name: "forecast" }] } }) }, log = silentLog } = options;
  const bus = createMemoryEventBus();
  const asked: Ask[] = [];
  const store = options.store ?? createMemorySessionStore({ ttlMs: 60_000, max: 100 });
  const sessions = new Sessions({ store, publisher: bus, log });
  const settings = aConfiguration(options.settings);
  const ended: string[] = [];
  const reported: CompletionReport[] = [];
  const revisions: ((revision: string) => void)[] = [];
  const decisionPoint = aDecisionPoint({
    async decide(ask) {
      asked.push(ask);
      return options.decide?.(ask) ?? aPermit;
    },
    async completed(report) {
      reported.push(report);
      await options.completed?.(report);
    },
    onRevision: (listener) => void revisions.push(listener),
    ...(options.visible && { visible: options.visible }),
  });
  const { relay, serverRequests, notifications } = createRelaying({
    settings: () => settings,
    decisionPoint,
    publisher: bus,
    sessions,
    metrics: { ended: (_call, status) => void ended.push(status) },
    log,
  });

  const upstreams = Object.entries(wires).map(([name, { connect }]) => {
    const server = aServer({ ...options.server, name }, options.governance);
    return new Upstream({ server, connect, publisher: bus, log });
  });
  const view = new View(upstreams, log);
  const hearing = createHearing({ places: () => [{ name: LISTENER, view }], serverRequests, notifications });
  for (const upstream of upstreams) upstream.start(hearing);
  const front = createSessionFront({ listener: LISTENER, view, relay, sessions, log });
  const inFlight = createInFlight();
  const listener = createServer((request, response) => void inFlight.track(front(request, response)));
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`;
  await until(() => upstreams.every(({ state }) => state === "connected"));

  onTestFinished(async () => {
    sessions.close();
    await Promise.all(upstreams.map((upstream) => upstream.close()));
    await inFlight.drained(1_000);
    listener.close();
    listener.closeAllConnections();
  });

  return {
    url,
    bus,
    asked,
    ended,
    reported,
    /** Another revision of the policy comes into force. */
    revise(revision: string): void {
      for (const listener of revisions) listener(revision);
    },
    sessions,
    upstreams,
    view,
    connect: (capabilities: object = {}) => connectClient(url, { capabilities }),
    /** The events of one subject so far. */
    told: <S extends Subject>(subject: S) =>
      bus.published.filter((each) => each.subject === subject).map(({ event }) => event as EventOf<S>),
  };
}
