import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { aLog } from "../../test/a-log.ts";
import { isRunning } from "../../test/is-running.ts";
import { until } from "../../test/until.ts";
import type { Message } from "../jsonrpc/message.ts";
import { stdioConnect } from "./stdio-connection.ts";

const CHILD = fileURLToPath(new URL("../../test/fixtures/child.mjs", import.meta.url));

interface Options {
  args?: string[];
  env?: Record<string, string>;
  ours?: NodeJS.ProcessEnv;
}

async function start({ args = [], env = {}, ours = process.env }: Options = {}) {
  const { log, lines } = aLog();
  const heard: Message[] = [];
  const closed: string[] = [];
  const transport = { kind: "stdio", command: process.execPath, args: [CHILD, ...args], env } as const;
  const connection = await stdioConnect({ transport, env: ours, log })({
    onMessage: (message) => void heard.push(message),
    onExchangeLost() {},
    onClose: (reason) => void closed.push(reason),
  });
  onTestFinished(() => connection.close());
  let id = 0;
  const ask = async (method: string): Promise<unknown> => {
    id += 1;
    const own = String(id);
    connection.request(`{"jsonrpc":"2.0","id":${own},"method":"${method}"}`, id);
    return (await until(() => heard.find((message) => message.id === own))).result;
  };
  return { connection, ask, heard, closed, lines };
}

describe("a child", () => {
  test("gets its own environment and a short list of ours, nothing else", async () => {
    const ours = { PATH: process.env.PATH, HOME: "/home/ours", TZ: "UTC", NATS_URL: "secret", MONGODB_URI: "secret" };
    const { ask } = await start({ ours, env: { API_KEY: "its own", TZ: "Asia/Tokyo" } });
    const expected = { PATH: process.env.PATH, HOME: "/home/ours", TZ: "Asia/Tokyo", API_KEY: "its own" };
    expect(await ask("env")).toEqual(expected);
  });

  test("gets a message with line ends between its parts as one line", async () => {
    const { connection, heard } = await start();
    connection.send(`{"jsonrpc":"2.0",\r\n "id":1,\n"method":"mirror","params":{"text":"a\\nb"}}`);
    const { result } = await until(() => heard[0]);
    expect(result).toBe(`{"jsonrpc":"2.0",   "id":1, "method":"mirror","params":{"text":"a\\nb"}}`);
  });

  test("gets many messages in the order they were sent", async () => {
    const { connection, heard } = await start();
    for (let id = 1; id <= 500; id += 1) connection.send(`{"jsonrpc":"2.0","id":${id},"method":"pid"}`);
    await until(() => heard.length === 500);
    expect(heard.map(({ id }) => Number(id))).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  });

  test("may write what is no message: that is logged without what it says, and ignored", async () => {
    const { ask, heard, lines } = await start();
    expect(await ask("noise")).toBe("after the noise");
    expect(heard).toHaveLength(1);
    expect(lines.filter(({ level }) => level === "warn").map(({ length }) => length)).toEqual([15, 2, 17]);
    expect(JSON.stringify(lines)).not.toContain("this is no JSON");
  });

  test("has what it writes to standard error in the log", async () => {
    const { ask, lines } = await start();
    await ask("complain");
    await until(() => lines.some(({ stderr }) => stderr === "something is wrong"));
  });

  test("that cannot be started is an error with its reason", async () => {
    const transport = { kind: "stdio", command: "/no/such/command", args: [], env: {} } as const;
    const events = { onMessage() {}, onExchangeLost() {}, onClose() {} };
    await expect(stdioConnect({ transport, env: {}, log: aLog().log })(events)).rejects.toThrow("ENOENT");
  });
});

describe("the end of a child", () => {
  test("comes when its input ends, and is told once", async () => {
    const { connection, ask, closed } = await start();
    const pid = Number(await ask("pid"));
    await connection.close();
    await connection.close();
    expect(isRunning(pid)).toBe(false);
    expect(closed).toEqual(["exited with status 0"]);
  });

  test("by itself is told with its status", async () => {
    const { connection, closed } = await start();
    connection.send(`{"jsonrpc":"2.0","id":1,"method":"die"}`);
    expect(await until(() => closed[0])).toBe("exited with status 3");
  });

  test("by kill -9 is told", async () => {
    const { ask, closed } = await start();
    process.kill(Number(await ask("pid")), "SIGKILL");
    expect(await until(() => closed[0])).toBe("killed by SIGKILL");
  });

  test("by kill -9 is told though its own child holds its output open, and takes that child with it", async () => {
    const { ask, closed } = await start();
    const grandchild = Number(await ask("grandchild"));
    process.kill(Number(await ask("pid")), "SIGKILL");
    expect(await until(() => closed[0], 1_500)).toBe("killed by SIGKILL");
    await until(() => !isRunning(grandchild));
  });

  test("is told though one that left its process group holds its output open", async () => {
    const { ask, closed } = await start();
    const deserter = Number(await ask("deserter"));
    onTestFinished(() => void process.kill(deserter, "SIGKILL"));
    process.kill(Number(await ask("pid")), "SIGKILL");
    expect(await until(() => closed[0])).toBe("killed by SIGKILL");
  });

  test("takes its own children with it", async () => {
    const { connection, ask } = await start();
    const grandchild = Number(await ask("grandchild"));
    expect(isRunning(grandchild)).toBe(true);
    await connection.close();
    await until(() => !isRunning(grandchild));
  });

  test("is forced on one that does not leave, and on its children", async () => {
    const { connection, ask, closed } = await start({ args: ["--stubborn"] });
    const pids = [Number(await ask("pid")), Number(await ask("grandchild"))];
    await connection.close();
    await until(() => !pids.some(isRunning));
    expect(closed).toEqual(["killed by SIGKILL"]);
  });

  test("does not break those who still send to it", async () => {
    const { connection, closed } = await start();
    connection.send(`{"jsonrpc":"2.0","id":1,"method":"die"}`);
    await until(() => closed[0]);
    connection.send(`{"jsonrpc":"2.0","id":2,"method":"pid"}`);
    connection.initialized("2025-11-25");
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
