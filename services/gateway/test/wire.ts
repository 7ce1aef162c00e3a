import { type Message, readUpstreamMessage } from "../src/jsonrpc/message.ts";
import type { Connect, ConnectionEvents } from "../src/upstream/connection.ts";

/** What an upstream in memory offers. Lists are by their member: `tools`, `prompts`, `resources`, `resourceTemplates`. */
export interface WireOptions {
  capabilities?: object;
  lists?: Readonly<Record<string, readonly object[]>>;
  instructions?: string;
}

/** An MCP server in memory behind `connect`: introduces itself, answers lists and settings, and leaves the rest to the test. */
export interface Wire {
  connect: Connect;
  /** Whatever the gateway sent that is not answered by itself, in order, over all connections. */
  sent: Message[];
  /** The texts of all the gateway sent. */
  texts: string[];
  /** Changeable: what the next list says. */
  lists: Record<string, readonly object[]>;
  capabilities: object;
  /** How many connections were opened. */
  opened: number;
  /** Connections opened and not closed. */
  open: number;
  /** Makes the next connections fail with this reason, until it is undefined again. */
  refusing: string | undefined;
  /** Says a text on the present connection. */
  say(text: string | object): void;
  /** Answers a request with a result. */
  answer(request: Message, result: unknown): void;
  /** Ends the present connection as if the server had died. */
  breakOff(reason: string): void;
}

export function aWire({ capabilities = { tools: {} }, lists = {}, instructions }: WireOptions = {}): Wire {
  let events: ConnectionEvents | undefined;
  const local = (message: Message): unknown => {
    const { method } = message;
    if (method === "initialize") {
      const serverInfo = { name: "wire", version: "1" };
      return { protocolVersion: "2025-11-25", capabilities: wire.capabilities, serverInfo, instructions };
    }
    if (method === "logging/setLevel" || method === "resources/unsubscribe") return {};
    if (!method.endsWith("/list")) return undefined;
    const member = method === "resources/templates/list" ? "resourceTemplates" : method.split("/")[0];
    return { [String(member)]: wire.lists[String(member)] ?? [] };
  };

  const take = (text: string): void => {
    const message = readUpstreamMessage(text);
    wire.texts.push(text);
    const result = message.kind === "request" ? local(message) : undefined;
    if (result === undefined) wire.sent.push(message);
    else queueMicrotask(() => wire.answer(message, result));
  };

  const wire: Wire = {
    sent: [],
    texts: [],
    lists: { ...lists },
    capabilities,
    opened: 0,
    open: 0,
    refusing: undefined,
    async connect(given) {
      if (wire.refusing !== undefined) throw new Error(wire.refusing);
      events = given;
      wire.opened += 1;
      wire.open += 1;
      let closed = false;
      return {
        request: (text) => closed || take(text),
        send: (text) => closed || take(text),
        abandon() {},
        initialized() {},
        async close() {
          if (!closed) wire.open -= 1;
          closed = true;
          if (events === given) events = undefined;
        },
      };
    },
    say(text) {
      const message = readUpstreamMessage(typeof text === "string" ? text : JSON.stringify(text));
      events?.onMessage(message, undefined);
    },
    answer: (request, result) => wire.say(`{"jsonrpc":"2.0","id":${request.id},"result":${JSON.stringify(result)}}`),
    breakOff(reason) {
      const told = events;
      events = undefined;
      told?.onClose(reason);
    },
  };
  return wire;
}
