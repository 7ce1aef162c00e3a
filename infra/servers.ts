import { connect } from "node:net";

/** A server that some adapters need for their tests, and how to tell that it is there. */
export interface TestServer {
  name: string;
  variable: "NATS_URL" | "REDIS_URL" | "REDIS_CLUSTER_URL" | "MONGODB_URI";
  url: string;
  port: number;
  /** Sent first; NATS speaks first, so nothing is sent to it. */
  hello?: Uint8Array;
  /** What the first answer must contain for the server to be usable without credentials. */
  expects: string;
  start: string;
}

export const testServers: readonly TestServer[] = [
  {
    name: "NATS with JetStream",
    variable: "NATS_URL",
    url: "nats://127.0.0.1:4222",
    port: 4222,
    expects: '"jetstream":true',
    start: "docker run -d -p 127.0.0.1:4222:4222 nats:2-alpine -js",
  },
  {
    name: "Redis",
    variable: "REDIS_URL",
    url: "redis://127.0.0.1:6379",
    port: 6379,
    hello: Buffer.from("PING\r\n"),
    expects: "+PONG",
    start: "docker run -d -p 127.0.0.1:6379:6379 redis:8",
  },
  {
    name: "MongoDB",
    variable: "MONGODB_URI",
    url: "mongodb://127.0.0.1:27017",
    port: 27017,
    hello: listDatabases(),
    expects: "databases",
    start: "docker run -d -p 127.0.0.1:27017:27017 mongo:8",
  },
  {
    name: "Redis Cluster",
    variable: "REDIS_CLUSTER_URL",
    url: "redis+cluster://127.0.0.1:7001",
    port: 7001,
    hello: Buffer.from("CLUSTER INFO\r\n"),
    expects: "cluster_state:ok",
    start:
      'docker run -d -p 127.0.0.1:7001-7003:7001-7003 -v "$PWD/infra/redis-cluster.sh:/cluster.sh:ro" redis:8 sh /cluster.sh',
  },
];

const ANSWER_MS = 2_000;

/** Whether a server that can be used for tests answers at its usual port on this machine. Never rejects. */
export function answers({ port, hello, expects }: TestServer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    let received = "";
    const done = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(ANSWER_MS, () => done(false));
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("connect", () => hello && socket.write(hello));
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (received.includes(expects)) done(true);
    });
  });
}

/** The MongoDB command `{ listDatabases: 1, nameOnly: true, $db: "admin" }` as OP_MSG: unlike `hello`, it needs a login where there are any. */
function listDatabases(): Uint8Array {
  const elements = Buffer.concat([
    Buffer.from("\x10listDatabases\0\x01\0\0\0", "latin1"),
    Buffer.from("\x08nameOnly\0\x01", "latin1"),
    Buffer.from("\x02$db\0\x06\0\0\0admin\0", "latin1"),
  ]);
  const document = Buffer.concat([int32(elements.length + 5), elements, Buffer.from([0])]);
  const body = Buffer.concat([int32(0), Buffer.from([0]), document]);
  const OP_MSG = 2013;
  return Buffer.concat([int32(body.length + 16), int32(1), int32(0), int32(OP_MSG), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
