import { GovernanceError } from "@mcp-governance-bridge/shared";
import { InitializeResultSchema } from "@modelcontextprotocol/core";
import type { Message } from "../jsonrpc/message.ts";
import { GATEWAY_INFO, LATEST_VERSION } from "../protocol.ts";
import type { Link } from "./link.ts";

export interface Handshake {
  capabilities: Readonly<Record<string, unknown>>;
  instructions: string | undefined;
}

/**
 * What one shared connection says of all the clients behind it: everything.
 * A request of the upstream is refused when the client that caused it cannot take it, so no client's abilities leak to another.
 */
const CAPABILITIES = { sampling: {}, elicitation: { form: {}, url: {} }, roots: {} };

/** Introduces the gateway to an upstream. Rejects when the upstream refuses or answers what is no answer. */
export async function handshake(link: Link, timeoutMs: number): Promise<Handshake> {
  const answer = await link.ask(
    "initialize",
    { protocolVersion: LATEST_VERSION, capabilities: CAPABILITIES, clientInfo: GATEWAY_INFO },
    timeoutMs,
  );
  const { protocolVersion, capabilities, instructions } = InitializeResultSchema.parse(resultOf(answer));
  link.initialized(protocolVersion);
  return { capabilities, instructions };
}

/** The result of an answer; throws `upstream.invalid` where it is an error. */
export function resultOf({ error, result }: Message): unknown {
  if (error) throw new GovernanceError("upstream.invalid", `the upstream answered: ${error.message}`);
  return result;
}
