import { connect } from "node:net";
import { createResponseReader, type HttpAnswer } from "./response-reader.ts";

/** One keep-alive HTTP connection to an MCP endpoint, with one request under way at a time. */
export interface Connection {
  /** POSTs a JSON-RPC message and resolves with the answer's status, headers and body. */
  post(message: string): Promise<HttpAnswer>;
  close(): void;
}

/** Opens a raw socket: an HTTP client of a library would measure itself. */
export async function openConnection(url: URL, headers: Readonly<Record<string, string>>): Promise<Connection> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  let waiting: { resolve(answer: HttpAnswer): void; reject(error: Error): void } | undefined;
  const fail = (error: Error): void => waiting?.reject(error);
  socket.on(
    "data",
    createResponseReader((answer) => waiting?.resolve(answer)),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject);
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the server closed the connection")));

  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `Host: ${url.host}`,
    "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ].join("\r\n");

  return {
    post: (message) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(`${head}\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
      }),
    close: () => {
      socket.destroy();
    },
  };
}
