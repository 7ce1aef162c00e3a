import { ClientInfo, type DecisionRequest, GovernedMethod } from "@mcp-governance-bridge/shared";
import { z } from "zod";

const ASKED_OF_CLIENTS: readonly string[] = ["sampling/createMessage", "elicitation/create", "roots/list"];

/** A call that nobody has made, as a person writes it down: what is left out objects to nothing. */
export const HypotheticalCall = z
  .strictObject({
    server: z.string().min(1).describe("The server's name in the configuration"),
    method: GovernedMethod.default("tools/call"),
    tool: z.string().min(1).optional().describe("The upstream's own name of the tool"),
    target: z.string().min(1).optional().describe("The same for a prompt, or the URI of a resource"),
    arguments: z.record(z.string(), z.unknown()).optional(),
    principal: z.string().min(1).default("anonymous"),
    roles: z.array(z.string()).default([]),
    client: ClientInfo.extend({ version: z.string().default("") })
      .strict()
      .nullable()
      .default(null),
    annotations: z.record(z.string(), z.unknown()).optional().describe("The tool's annotations"),
    session: z.string().min(1).default("session"),
    labels: z.array(z.string()).default([]).describe("Labels that the session carries already"),
    at: z.iso.datetime({ offset: true }).optional().describe("When the call is made"),
  })
  .superRefine(({ method, tool, target }, context) => {
    const problem = targetProblem(method, { tool, target });
    if (problem) context.addIssue({ code: "custom", path: [problem.key], message: problem.message });
  });
export type HypotheticalCall = z.infer<typeof HypotheticalCall>;

function targetProblem(method: GovernedMethod, { tool, target }: Partial<HypotheticalCall>) {
  if (tool !== undefined && method !== "tools/call")
    return { key: "tool", message: `is for tools/call; ${method} has a target` };
  if (tool !== undefined && target !== undefined)
    return { key: "target", message: "says the same as tool: give one of them" };
  if (tool !== undefined || target !== undefined || ASKED_OF_CLIENTS.includes(method)) return undefined;
  return method === "tools/call"
    ? { key: "tool", message: "is required" }
    : { key: "target", message: `is required for ${method}` };
}

/** The call as it would be asked about. */
export function requestFor(call: HypotheticalCall, callId: string): DecisionRequest {
  const { server, method, principal, roles, client, annotations, session } = call;
  const target = call.tool ?? call.target ?? method;
  const given = method.startsWith("resources/") ? { uri: target } : {};
  return {
    ...{ callId, sessionId: session, principal, roles, client, server, method, target },
    arguments: call.arguments ?? given,
    ...(annotations && { annotations }),
  };
}
