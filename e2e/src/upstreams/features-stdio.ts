import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { registerAsking } from "./features-ask.ts";
import { registerContent } from "./features-content.ts";
import { registerTelling } from "./features-tell.ts";

serveStdio(() => {
  const server = new McpServer(
    { name: "features", version: "1.0.0" },
    { capabilities: { logging: {} }, instructions: "Everything a server may do besides answering." },
  );
  registerAsking(server);
  registerTelling(server);
  registerContent(server);
  return server;
});
