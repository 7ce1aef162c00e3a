import { createParser } from "eventsource-parser";
import { onTestFinished } from "vitest";

export const JSON_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
} as const;

export interface RpcMessage {
  id?: number | string | null;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: Record<string, unknown> };
}

/** An HTTP answer whose messages arrive while it lasts. */
export interface Answer {
  status: number;
  headers: Headers;
  /** The messages so far, as text. */
  texts: string[];
  messages: RpcMessage[];
  /** Resolves with the last message when the answer has ended. */
  ended: Promise<RpcMessage | undefined>;
  leave(): void;
}

/** Sends one HTTP request and reads what comes, JSON or events. */
export async function exchange(url: string, init: RequestInit): Promise<Answer> {
  const leaving = new AbortController();
  const response = await fetch(url, { ...init, signal: leaving.signal });
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    texts: [],
    messages: [],
    ended: Promise.resolve(undefined),
    leave: () => leaving.abort(),
  };
  answer.ended = read(response, answer).catch(() => undefined);
  onTestFinished(() => leaving.abort());
  return answer;
}

async function read(response: Response, { texts, messages }: Answer): Promise<RpcMessage | undefined> {
  const onText = (text: string): void => {
    texts.push(text);
    messages.push(JSON.parse(text) as RpcMessage);
  };
  if (response.headers.get("content-type") === "text/event-stream") {
    const parser = createParser({ onEvent: ({ data }) => onText(data) });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  } else {
    const text = await response.text();
    if (text !== "") onText(text);
  }
  return messages.at(-1);
}

export function post(url: string, body: string | object, headers: Readonly<Record<string, string>> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return exchange(url, { method: "POST", headers: { ...JSON_HEADERS, ...headers }, body: text });
}

export function initializeRequest(params: object = {}) {
  const clientInfo = { name: "test", version: "1.0.0" };
  const all = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo, ...params };
  return { jsonrpc: "2.0", id: "init", method: "initialize", params: all };
}

/** A client with a session of its own, speaking raw JSON-RPC. */
export async function connectClient(url: string, params: object = {}) {
  const opened = await post(url, initializeRequest(params));
  const initialized = await opened.ended;
  const token = opened.headers.get("mcp-session-id") ?? "";
  const headers = { "mcp-session-id": token, "mcp-protocol-version": "2025-11-25" };
  let next = 0;
  const send = (body: string | object) => post(url, body, headers);
  const start = (method: string, given: object = {}) => {
    next += 1;
    return send({ jsonrpc: "2.0", id: next, method, params: given });
  };
  return {
    token,
    headers,
    initialized,
    /** Sends anything at all. */
    send,
    /** Sends a request and resolves as soon as the answer begins. */
    start,
    /** Sends a request and resolves with its response. */
    async request(method: string, given: object = {}): Promise<RpcMessage> {
      const answer = await start(method, given);
      return (await answer.ended) ?? {};
    },
    /** Opens the stream for what belongs to no call. */
    listen: () => exchange(url, { headers: { ...headers, accept: "text/event-stream" } }),
    end: () => fetch(url, { method: "DELETE", headers }),
  };
}
