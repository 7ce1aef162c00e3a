import type { IncomingMessage, ServerResponse } from "node:http";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import type { View } from "../catalogue/view.ts";
import { faultOf } from "../fault.ts";
import { readBody } from "../http/body.ts";
import { refuse } from "../http/refuse.ts";
import { type Message, readClientMessage } from "../jsonrpc/message.ts";
import { VERSIONS } from "../protocol.ts";
import type { Relay } from "../relay/relay.ts";
import { EventStream } from "./event-stream.ts";
import { ANONYMOUS, createInitialize } from "./initialize.ts";
import { Reply } from "./reply.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";

export interface SessionFrontOptions {
  listener: string;
  view: View;
  relay: Relay;
  sessions: Sessions;
  log: Log;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const known: ReadonlySet<string> = new Set(VERSIONS);

/** Streamable HTTP of the `initialize` era (2024-11-05 to 2025-11-25) at one endpoint. Never rejects. */
export function createSessionFront({ listener, view, relay, sessions, log }: SessionFrontOptions): Handler {
  const initialize = createInitialize({ listener, view, sessions, log });
  const sessionOf = (request: IncomingMessage): Promise<Session> => {
    checkVersion(request);
    const token = request.headers["mcp-session-id"];
    if (typeof token !== "string") throw new GovernanceError("session.missing", "Mcp-Session-Id header is required");
    return sessions.find(token, { listener, principal: ANONYMOUS });
  };

  const methods: Readonly<Record<string, Handler>> = {
    async POST(request, response) {
      checkMediaTypes(request);
      const message = readClientMessage(await readBody(request));
      if (isRequest(message) && message.method === "initialize") return initialize(message, response);
      const session = await sessionOf(request);
      if (isRequest(message)) return relay.request({ session, message, reply: new Reply(response) }, view);
      relay.accept(session, message);
      response.writeHead(202).end();
    },

    async GET(request, response) {
      if (!accepts(request, "text/event-stream")) {
        throw new GovernanceError("http.not_acceptable", "Not Acceptable: the client must accept text/event-stream");
      }
      const session = await sessionOf(request);
      const stream = new EventStream(response);
      session.listen(stream);
      response.once("close", () => session.silence(stream));
    },

    async DELETE(request, response) {
      await sessions.end(await sessionOf(request));
      response.writeHead(200).end();
    },
  };

  return async (request, response) => {
    try {
      const handle = methods[request.method ?? ""];
      if (handle) return await handle(request, response);
      const allow = Object.keys(methods).join(", ");
      refuse(response, new GovernanceError("http.method", `Method not allowed: ${request.method}`), { allow });
    } catch (error) {
      refuse(response, faultOf(error, log));
    }
  };
}

function isRequest(message: Message): message is Message & { id: string } {
  return message.kind === "request";
}

function checkMediaTypes(request: IncomingMessage): void {
  if (!accepts(request, "application/json") || !accepts(request, "text/event-stream")) {
    const both = "Not Acceptable: the client must accept application/json and text/event-stream";
    throw new GovernanceError("http.not_acceptable", both);
  }
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    throw new GovernanceError("http.media_type", "Unsupported Media Type: Content-Type must be application/json");
  }
}

/** SDKs send both types in full, other clients wildcards. */
function accepts({ headers }: IncomingMessage, type: string): boolean {
  const accept = headers.accept ?? "";
  return accept.includes(type) || accept.includes("*/*") || accept.includes(`${type.slice(0, type.indexOf("/"))}/*`);
}

function checkVersion({ headers }: IncomingMessage): void {
  const version = headers["mcp-protocol-version"];
  if (version !== undefined && !known.has(String(version))) {
    const versions = VERSIONS.join(", ");
    throw new GovernanceError("protocol.version", `Bad Request: unsupported protocol version ${version} (${versions})`);
  }
}
