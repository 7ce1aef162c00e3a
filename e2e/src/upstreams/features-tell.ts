import { setTimeout as sleep } from "node:timers/promises";
import type { CallToolResult, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const text = (value: string): CallToolResult => ({ content: [{ type: "text", text: value }] });

const Level = z.enum(["debug", "info", "warning", "error"]);

/** Tools that tell the client something besides their result, and one that waits. */
export function registerTelling(server: McpServer): void {
  let aborted = 0;

  server.registerTool("log", { inputSchema: z.object({ level: Level, text: z.string() }) }, async (args, ctx) => {
    await ctx.mcpReq.log(args.level, args.text, "features");
    return text("logged");
  });

  server.registerTool("wait", { inputSchema: z.object({ ms: z.number() }) }, async (args, ctx) => {
    await sleep(args.ms, undefined, { signal: ctx.mcpReq.signal }).catch(() => {
      aborted += 1;
    });
    return text("waited");
  });

  server.registerTool("count-aborted", {}, () => text(String(aborted)));

  server.registerTool("add-tool", { inputSchema: z.object({ name: z.string() }) }, ({ name }) => {
    server.registerTool(name, { description: "Came later" }, () => text(`${name} works`));
    return text("added");
  });
}
