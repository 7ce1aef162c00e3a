import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  id: string;
  /** Whether the signature is the one that the body should have. */
  isSigned: boolean;
  message: { type: string; data: Record<string, unknown> };
}

export interface Receiver {
  webhook: { id: string; url: string; secret: string; min_severity: "info" };
  received: Received[];
  /** How it answers; 204 else. */
  answer: { status: number; headers?: Record<string, string> };
  close(): Promise<void>;
}

const SECRET = "correct-horse-battery";

/** A receiver of webhooks that checks signatures in its own way. */
export async function aReceiver(id = "pager"): Promise<Receiver> {
  const receiver = { received: [] as Received[], answer: { status: 204 } as Receiver["answer"] };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const header = (name: string) => String(request.headers[name]);
    const signed = `${header("webhook-id")}.${header("webhook-timestamp")}.${body}`;
    const expected = `v1,${createHmac("sha256", SECRET).update(signed).digest("base64")}`;
    const isSigned = header("webhook-signature") === expected;
    receiver.received.push({ id: header("webhook-id"), isSigned, message: JSON.parse(body) });
    response.writeHead(receiver.answer.status, receiver.answer.headers).end("a body that nobody reads");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return Object.assign(receiver, { webhook: { id, url, secret: SECRET, min_severity: "info" as const }, close });
}
