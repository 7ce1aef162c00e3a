import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { aLog } from "../../test/a-log.ts";
import { until } from "../../test/until.ts";
import { openListener } from "./listener.ts";

/** A port that somebody else holds. */
async function aTakenPort() {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void holder.close());
  return { port: (holder.address() as AddressInfo).port, free: () => void holder.close() };
}

const open = async (port: number) => {
  const { log, lines } = aLog();
  const handle = async (_request: unknown, response: { end: (text: string) => unknown }) => void response.end("here");
  const listener = await openListener({ host: "127.0.0.1", port, handle, log });
  onTestFinished(() => listener.close());
  return { listener, lines };
};

test("a port that is taken is said to be, and is opened once it is free", async () => {
  const { port, free } = await aTakenPort();
  const { listener, lines } = await open(port);
  expect(listener.failure).toContain("EADDRINUSE");
  expect(lines.map(({ msg }) => msg)).toEqual(["cannot listen, trying again"]);
  free();
  await until(() => listener.failure === undefined);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("here");
});

test("a closed listener answers nobody and may be closed again", async () => {
  const { port, free } = await aTakenPort();
  free();
  const { listener } = await open(port);
  expect(listener.failure).toBeUndefined();
  listener.stop();
  await listener.close();
  await listener.close();
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
});
