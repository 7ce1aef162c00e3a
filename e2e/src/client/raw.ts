import { onTestFinished } from "vitest";

/** An HTTP answer as it came, with the JSON-RPC messages of its body as text. */
export interface RawAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** Of an SSE body the data of each event, of a JSON body that itself. */
  messages: string[];
}

/** An MCP session driven with bare `fetch`, so that a test sees the text and no SDK's opinion of it. */
export interface RawSession {
  headers: Readonly<Record<string, string>>;
  post(message: string | object, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  /** Calls a tool with arguments given as JSON text, and returns the whole response as text. */
  call(tool: string, argumentsText?: string): Promise<string>;
}

export const JSON_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
} as const;

/** The `initialize` request that opens a session. */
export const initializeRequest = {
  jsonrpc: "2.0",
  id: "init",
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1.0.0" } },
} as const;

/** One POST with exactly these headers, body as given or serialised. */
export async function post(
  url: string,
  message: string | object,
  headers: Readonly<Record<string, string>> = JSON_HEADERS,
): Promise<RawAnswer> {
  const body = typeof message === "string" ? message : JSON.stringify(message);
  const response = await fetch(url, { method: "POST", headers, body });
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  return { status: response.status, headers: response.headers, text, messages: isStream ? eventsOf(text) : [text] };
}

/** The data of the events in SSE text; events without data are left out. */
function eventsOf(text: string): string[] {
  return text
    .split(/\r?\n\r?\n/)
    .map((event) =>
      event
        .split(/\r?\n/)
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trimStart())
        .join("\n"),
    )
    .filter((data) => data !== "");
}

/** Opens a session, and ends it with the test. */
export async function openRaw(url: string): Promise<RawSession> {
  const session = await openForSetUp(url);
  onTestFinished(async () => {
    await fetch(url, { method: "DELETE", headers: session.headers }).catch(() => undefined);
  });
  return session;
}

/** Opens a session that stays open, for hooks before tests. */
export async function openForSetUp(url: string): Promise<RawSession> {
  const opened = await post(url, initializeRequest);
  if (opened.status !== 200) throw new Error(`initialize answered HTTP ${opened.status}: ${opened.text}`);
  const session = {
    ...JSON_HEADERS,
    "mcp-session-id": opened.headers.get("mcp-session-id") ?? "",
    "mcp-protocol-version": "2025-11-25",
  };
  const send: RawSession["post"] = (message, headers = {}) => post(url, message, { ...session, ...headers });
  await send({ jsonrpc: "2.0", method: "notifications/initialized" });
  let id = 0;
  return {
    headers: session,
    post: send,
    call: async (tool, argumentsText = "{}") => {
      id += 1;
      const params = `{"name":${JSON.stringify(tool)},"arguments":${argumentsText}}`;
      const answer = await send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`);
      return answer.messages.at(-1) ?? "";
    },
  };
}
