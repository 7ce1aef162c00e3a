import { expect, test, vi } from "vitest";
import { silentLog } from "../../log.ts";
import { createOutbox } from "./outbox.ts";
import type { Message } from "./publisher.ts";

const aMessage = (id: string, payload = "x"): Message => ({ subject: "governance.test", id, payload });

function aServer() {
  const kept: string[] = [];
  const server = { up: true, kept };
  const send = async ({ id }: Message) => {
    if (!server.up) throw new Error("down");
    kept.push(id);
  };
  return { server, send };
}

test("sends in order what it was given while nobody took it", async () => {
  const { server, send } = aServer();
  const outbox = createOutbox({ send, log: silentLog });
  server.up = false;
  const ids = Array.from({ length: 1_000 }, (_, index) => `${index}`);
  for (const id of ids) outbox.add(aMessage(id));
  server.up = true;
  await vi.waitFor(() => expect(server.kept).toEqual(ids));
});

test("stops accepting when too much waits, by number or by size, and starts again", async () => {
  for (const limit of [{ maxCount: 3 }, { maxBytes: 300 }]) {
    const { server, send } = aServer();
    const outbox = createOutbox({ send, log: silentLog, ...limit });
    server.up = false;
    for (const id of ["a", "b"]) outbox.add(aMessage(id, "x".repeat(100)));
    expect(outbox.accepting).toBe(true);
    outbox.add(aMessage("c", "x".repeat(100)));
    expect(outbox.accepting).toBe(false);
    server.up = true;
    await vi.waitFor(() => expect(outbox.accepting).toBe(true));
    await vi.waitFor(() => expect(server.kept).toEqual(["a", "b", "c"]));
  }
});

test("closes within its bound when nobody takes anything", async () => {
  const { server, send } = aServer();
  server.up = false;
  const outbox = createOutbox({ send, log: silentLog });
  outbox.add(aMessage("a"));
  const began = performance.now();
  await outbox.close(100);
  expect(performance.now() - began).toBeLessThan(500);
});
