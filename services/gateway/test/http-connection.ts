import { onTestFinished } from "vitest";
import type { Message } from "../src/jsonrpc/message.ts";
import { httpConnect } from "../src/upstream/http-connection.ts";
import { aLog } from "./a-log.ts";
import { type HttpUpstream, introduce, type Seen } from "./http-upstream.ts";

type Heard = { message: Message; exchange: number | undefined };

/** A connection to an HTTP upstream, closed with the test, and what it tells. */
export async function connectTo({ url }: Pick<HttpUpstream, "url">, headers: Record<string, string> = {}) {
  const heard: Heard[] = [];
  const lost: string[] = [];
  const closed: string[] = [];
  const { log, lines } = aLog();
  const connection = await httpConnect({ transport: { kind: "streamable-http", url, headers }, log })({
    onMessage: (message, exchange) => void heard.push({ message, exchange }),
    onExchangeLost: (exchange, reason, detail) => void lost.push(`${exchange} ${reason}: ${detail}`),
    onClose: (reason) => void closed.push(reason),
  });
  onTestFinished(() => connection.close());
  const request = (method: string, id: number) =>
    connection.request(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":{"n":1.10}}`, id);
  return { connection, request, heard, lost, closed, lines };
}

/** Answers a call by what its method says, and everything else as a plain server does. */
export const serve = (answers: Record<string, (seen: Seen) => void>) => (seen: Seen) => {
  const answer = answers[seen.rpc.method ?? seen.method];
  if (answer) answer(seen);
  else introduce(seen);
};
