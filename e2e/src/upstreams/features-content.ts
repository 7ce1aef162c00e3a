import { completable, type McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { z } from "zod";

const FILE_URI = "file:///notes/today.txt";
const COUNTER_URI = "counter://value";
const LANGUAGES = ["deutsch", "danish", "english"];
const CITIES = ["berlin", "bern", "oslo"];

/** Resources, a template with completion, a prompt with completion, and a resource that changes and says so. */
export function registerContent(server: McpServer): void {
  server.registerResource("today", FILE_URI, { mimeType: "text/plain" }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: "text/plain", text: "water the plants" }],
  }));

  server.registerResource("pixel", "pixels:///red.png", { mimeType: "image/png" }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: "image/png", blob: "AAEC/w==" }],
  }));

  const weather = new ResourceTemplate("weather://{city}/now", {
    list: undefined,
    complete: { city: (value) => CITIES.filter((city) => city.startsWith(value)) },
  });
  server.registerResource("weather", weather, { mimeType: "text/plain" }, (uri, { city }) => ({
    contents: [{ uri: uri.href, text: `sunny in ${String(city)}` }],
  }));

  const language = completable(z.string(), (value) => LANGUAGES.filter((name) => name.startsWith(value)));
  server.registerPrompt("greet", { argsSchema: z.object({ name: z.string(), language }) }, (args) => ({
    messages: [{ role: "user", content: { type: "text", text: `Greet ${args.name} in ${args.language}` } }],
  }));

  registerCounter(server);
}

function registerCounter(server: McpServer): void {
  let value = 0;
  let subscribers = 0;
  server.server.registerCapabilities({ resources: { subscribe: true } });
  server.server.setRequestHandler("resources/subscribe", () => {
    subscribers += 1;
    return {};
  });
  server.server.setRequestHandler("resources/unsubscribe", () => {
    subscribers -= 1;
    return {};
  });
  server.registerResource("counter", COUNTER_URI, {}, (uri) => ({
    contents: [{ uri: uri.href, text: String(value) }],
  }));
  server.registerTool("count", {}, async (ctx) => {
    value += 1;
    if (subscribers > 0) {
      await ctx.mcpReq.notify({ method: "notifications/resources/updated", params: { uri: COUNTER_URI } });
    }
    return { content: [{ type: "text", text: String(value) }] };
  });
}
