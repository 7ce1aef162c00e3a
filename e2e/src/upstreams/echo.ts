import { definitions, type Seen, tools, unknownTool } from "./echo-tools.ts";

/** Sends one JSON-RPC message, JSON text. */
export type Send = (text: string) => void;

/** An MCP server on raw JSON-RPC: takes one message as text and answers through `send`, now or later. */
export interface Echo {
  receive(text: string, send: Send): void;
}

interface Message {
  id?: string | number;
  method?: string;
  params?: {
    name?: string;
    arguments?: Record<string, unknown>;
    protocolVersion?: string;
    requestId?: string | number;
    _meta?: { progressToken?: unknown };
  };
}

/** A process that hosts several clients shares one `createEcho`, so that `seen` counts them all. */
export function createEcho(): Echo {
  const seen: Seen = { calls: {}, cancelled: 0 };
  const stops = new Map<string | number, () => void>();

  const cancel = (message: Message): void => {
    const requestId = message.params?.requestId ?? "";
    const stop = stops.get(requestId);
    if (!stop) return;
    seen.cancelled += 1;
    stops.delete(requestId);
    stop();
  };

  const call = (message: Message, text: string, send: Send): void => {
    const name = message.params?.name ?? "";
    const id = message.id ?? "";
    const reply = (response: string): void => {
      stops.delete(id);
      send(response);
    };
    if (name !== "seen") seen.calls[name] = (seen.calls[name] ?? 0) + 1;
    const tool = tools[name] ?? unknownTool;
    tool({
      text,
      name,
      arguments: message.params?.arguments ?? {},
      progressToken: message.params?._meta?.progressToken,
      answer: (result) => reply(success(id, result)),
      fail: (error) => reply(failure(id, error)),
      notify: (method, params) => send(JSON.stringify({ jsonrpc: "2.0", method, params })),
      utter: send,
      onCancelled: (stop) => stops.set(id, stop),
      seen,
    });
  };

  return {
    receive(text, send) {
      const message = JSON.parse(text) as Message;
      if (message.method === "tools/call") call(message, text, send);
      else if (message.method === "notifications/cancelled") cancel(message);
      else if (message.id !== undefined && message.method !== undefined) send(answerOf(message.id, message));
    },
  };
}

function answerOf(id: string | number, { method, params }: Message): string {
  if (method === "initialize") {
    const version = JSON.stringify(params?.protocolVersion ?? "2025-11-25");
    const about = `"capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1.0.0"}`;
    return success(id, `{"protocolVersion":${version},${about}}`);
  }
  if (method === "ping") return success(id, "{}");
  if (method === "tools/list") return success(id, `{"tools":[${listed.join(",")}]}`);
  return failure(id, `{"code":-32601,"message":"Method not found"}`);
}

const listed = Object.entries(definitions).map(
  ([name, definition]) => `{"name":${JSON.stringify(name)},${definition}}`,
);

const success = (id: string | number, result: string): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;

const failure = (id: string | number, error: string): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":${error}}`;
