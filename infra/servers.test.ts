import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { answers, type TestServer, testServers } from "./servers.ts";

const [nats, redis, mongo, cluster] = testServers as [TestServer, TestServer, TestServer, TestServer];

test("a NATS server counts only with JetStream", async () => {
  const speakFirst = (info: object) => aServer((socket) => socket.write(`INFO ${JSON.stringify(info)}\r\n`));
  expect(await answers({ ...nats, port: await speakFirst({ version: "2.10.0", jetstream: true }) })).toBe(true);
  expect(await answers({ ...nats, port: await speakFirst({ version: "2.10.0" }) })).toBe(false);
});

test("a Redis server counts only where no password is asked for", async () => {
  const reply = (text: string) => aServer((socket) => socket.once("data", () => socket.write(text)));
  expect(await answers({ ...redis, port: await reply("+PONG\r\n") })).toBe(true);
  expect(await answers({ ...redis, port: await reply("-NOAUTH Authentication required.\r\n") })).toBe(false);
});

test("a Redis server that belongs to a cluster counts only where the cluster serves all keys", async () => {
  const reply = (text: string) => aServer((socket) => socket.once("data", () => socket.write(text)));
  expect(await answers({ ...cluster, port: await reply("$20\r\ncluster_state:ok\r\n") })).toBe(true);
  expect(await answers({ ...cluster, port: await reply("$22\r\ncluster_state:fail\r\n") })).toBe(false);
});

test("what is no server of its kind, or none at all, does not count", async () => {
  const deaf = await aServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  for (const server of testServers) expect(await answers({ ...server, port: deaf })).toBe(false);
  expect(await answers({ ...mongo, port: 1 })).toBe(false);
});

async function aServer(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
