import type { ServerResponse } from "node:http";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { InitializeRequestParamsSchema } from "@modelcontextprotocol/core";
import type { View } from "../catalogue/view.ts";
import { faultOf } from "../fault.ts";
import { errorText, resultText } from "../jsonrpc/compose.ts";
import type { Message } from "../jsonrpc/message.ts";
import { GATEWAY_INFO, LATEST_VERSION, VERSIONS } from "../protocol.ts";
import { Reply } from "./reply.ts";
import type { Sessions } from "./sessions.ts";

/** Until there are credentials, everybody is nobody. */
export const ANONYMOUS = "anonymous";

/** Every decision and record repeats what a client calls itself. */
const MAX_NAME = 256;

export interface InitializeOptions {
  listener: string;
  view: View;
  sessions: Sessions;
  log: Log;
}

/** Answers `initialize` with a new session, whose token goes into the response's header. Never rejects. */
export function createInitialize({ listener, view, sessions, log }: InitializeOptions) {
  const open = async (message: Message) => {
    const given = InitializeRequestParamsSchema.safeParse(message.params);
    if (!given.success) throw new GovernanceError("params.invalid", "Invalid params: not those of initialize");
    const { clientInfo, capabilities } = given.data;
    const protocolVersion = negotiated(given.data.protocolVersion);
    const client = { name: clientInfo.name.slice(0, MAX_NAME), version: clientInfo.version.slice(0, MAX_NAME) };
    const state = { principal: ANONYMOUS, roles: [], client, protocolVersion, capabilities, logLevel: null, listener };
    const { token } = await sessions.open(state);
    return { token, protocolVersion };
  };

  return async (message: Message & { id: string }, response: ServerResponse): Promise<void> => {
    const reply = new Reply(response);
    try {
      const { token, protocolVersion } = await open(message);
      response.setHeader("mcp-session-id", token);
      reply.end(resultText(message.id, initializeResult(protocolVersion, view)));
    } catch (error) {
      reply.end(errorText(message.id, faultOf(error, log)));
    }
  };
}

/** Upstreams come and go during a session, so what they may ever offer is declared from the start. */
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  logging: {},
  completions: {},
};

/** The version asked for, or our latest for one that we do not speak. */
function negotiated(asked: string): string {
  return VERSIONS.find((version) => version === asked) ?? LATEST_VERSION;
}

/** The result of `initialize`, as JSON text. */
function initializeResult(protocolVersion: string, view: View): string {
  const instructions = view.upstreams
    .filter((upstream) => upstream.instructions)
    .map(({ server, instructions }) => `# ${server.name}\n${instructions}`)
    .join("\n\n");
  return JSON.stringify({
    protocolVersion,
    capabilities: CAPABILITIES,
    serverInfo: GATEWAY_INFO,
    ...(instructions && { instructions }),
  });
}
