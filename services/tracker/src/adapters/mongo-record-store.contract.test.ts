import { randomUUID } from "node:crypto";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { silentLog } from "@mcp-governance-bridge/shared";
import { MongoClient } from "mongodb";
import { expect, test, vi } from "vitest";
import type { Write } from "../record-store.ts";
import { connectMongoRecordStore } from "./mongo-record-store.ts";

const uri = process.env.MONGODB_URI;

/** An address of MongoDB that can be cut off. */
async function aLine(target: URL) {
  const sockets = new Set<Socket>();
  let server: Server;
  const listen = (port: number): Promise<number> =>
    new Promise((resolve) => {
      server = createServer((near) => {
        const far = connect(Number(target.port || 27_017), target.hostname);
        for (const socket of [near, far]) sockets.add(socket.on("error", () => undefined));
        near.pipe(far).pipe(near);
      }).listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  const cut = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  };
  const port = await listen(0);
  return { port, cut, mend: () => listen(port) };
}

test.runIf(uri)(
  "starts without MongoDB, and works when it comes, goes and comes again",
  { timeout: 60_000 },
  async () => {
    const target = new URL(uri ?? "");
    const line = await aLine(target);
    await line.cut();
    const database = `tracker_${randomUUID().slice(0, 8)}`;
    const near = new URL(target);
    near.host = `127.0.0.1:${line.port}`;
    near.searchParams.set("directConnection", "true");
    const store = connectMongoRecordStore({ uri: near.href, database, log: silentLog });
    const write: Write = { collection: "tool_logs", id: "a", set: { n: 1 } };

    await expect(store.ping()).rejects.toMatchObject({ code: "store.unavailable" });
    await expect(store.apply([write])).rejects.toMatchObject({ code: "store.unavailable" });
    await line.mend();
    await vi.waitFor(() => store.ping(), { timeout: 20_000, interval: 100 });
    await store.apply([write]);
    await line.cut();
    await expect(store.apply([{ ...write, set: { n: 2 } }])).rejects.toMatchObject({ code: "store.unavailable" });
    await line.mend();
    await vi.waitFor(() => store.apply([{ ...write, set: { n: 3 } }]), { timeout: 20_000, interval: 100 });
    expect(await store.aggregate("tool_logs", [])).toEqual([{ _id: "a", n: 3 }]);

    await store.close();
    const client = new MongoClient(uri ?? "");
    await client.db(database).dropDatabase();
    await client.close();
    await line.cut();
  },
);
