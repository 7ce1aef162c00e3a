import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createEcho } from "./echo.ts";

const echo = createEcho();
const sessionId = randomUUID();

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function answerStreaming(text: string, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  echo.receive(text, (message) => {
    response.write(`event: message\ndata: ${message}\n\n`);
    if (message.includes(`"id":`)) response.end();
  });
}

function answerOnce(text: string, response: ServerResponse): void {
  echo.receive(text, (message) => {
    const length = Buffer.byteLength(message);
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": length,
      "mcp-session-id": sessionId,
    });
    response.end(message);
  });
}

async function post(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await textOf(request);
  if (text.includes(`"progressToken":`)) return answerStreaming(text, response);
  const { id } = JSON.parse(text) as { id?: unknown };
  if (id !== undefined) return answerOnce(text, response);
  echo.receive(text, () => undefined);
  response.writeHead(202).end();
}

const server = createServer((request, response) => {
  if (request.method === "POST") void post(request, response);
  else response.writeHead(request.method === "DELETE" ? 200 : 405, { allow: "POST, DELETE" }).end();
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
});
