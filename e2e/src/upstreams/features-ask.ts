import { setTimeout as sleep } from "node:timers/promises";
import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import { z } from "zod";

const text = (value: string): CallToolResult => ({ content: [{ type: "text", text: value }] });

/** What the client answered, or the words in which it, or somebody between, refused. */
async function asked(question: Promise<unknown>): Promise<CallToolResult> {
  return question.then(
    (answer) => text(JSON.stringify(answer)),
    (error: unknown) => text(`refused: ${error instanceof Error ? error.message : String(error)}`),
  );
}

const afterMs = z.number().default(0);

// `send` and not `requestSampling` and its like: those look at the capabilities of the shared connection before they ask.
function askModel(prompt: string, ctx: ServerContext): Promise<unknown> {
  const messages = [{ role: "user" as const, content: { type: "text" as const, text: prompt } }];
  return ctx.mcpReq.send({ method: "sampling/createMessage", params: { messages, maxTokens: 100 } });
}

function askUser(question: string, ctx: ServerContext): Promise<unknown> {
  const requestedSchema = { type: "object" as const, properties: { answer: { type: "string" as const } } };
  return ctx.mcpReq.send({ method: "elicitation/create", params: { message: question, requestedSchema } });
}

/** Tools that turn to the client in the middle of a call. */
export function registerAsking(server: McpServer): void {
  const config = { inputSchema: z.object({ text: z.string(), afterMs }) };
  server.registerTool("ask-model", config, async (args, ctx) => {
    await sleep(args.afterMs);
    return asked(askModel(args.text, ctx));
  });
  server.registerTool("ask-user", config, async (args, ctx) => {
    await sleep(args.afterMs);
    return asked(askUser(args.text, ctx));
  });
  server.registerTool("ask-roots", { inputSchema: z.object({ afterMs }) }, async (args, ctx) => {
    await sleep(args.afterMs);
    return asked(ctx.mcpReq.send({ method: "roots/list" }));
  });
}
