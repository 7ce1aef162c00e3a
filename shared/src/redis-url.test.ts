import { expect, test } from "vitest";
import { parseRedisUrl, RedisUrl } from "./redis-url.ts";

test("one server is a plain URL", () => {
  expect(parseRedisUrl("redis://127.0.0.1:6379")).toEqual({
    isCluster: false,
    nodes: [{ host: "127.0.0.1", port: 6379 }],
    login: {},
  });
});

test("a cluster is any of its nodes, with one login for all of them", () => {
  expect(parseRedisUrl("redis+cluster://one:7001,two,[::1]:7003/")).toEqual({
    isCluster: true,
    nodes: [
      { host: "one", port: 7001 },
      { host: "two", port: 6379 },
      { host: "::1", port: 7003 },
    ],
    login: {},
  });
  expect(parseRedisUrl("rediss+cluster://me:p%40ss@one:7001,two:7002")).toMatchObject({
    nodes: [
      { host: "one", port: 7001 },
      { host: "two", port: 7002 },
    ],
    login: { username: "me", password: "p@ss", tls: {} },
  });
});

test.each([
  "redis://one:7001,two:7002",
  "redis://one:7001,redis://two:7002",
  "redis+cluster://",
  "redis+cluster://one:port",
  "redis+cluster://one:7001,,two:7002",
  "redis:///0",
  "http://127.0.0.1:6379",
  "127.0.0.1:6379",
  "",
])("%j is refused, and the message says how it is to be", (text) => {
  expect(() => parseRedisUrl(text)).toThrow();
  expect(RedisUrl.safeParse(text).error?.issues[0]?.message).toContain("redis+cluster://host:port,host:port");
});

test("a URL that is right is the value as it stands", () => {
  expect(RedisUrl.parse("redis+cluster://one:7001,two:7002")).toBe("redis+cluster://one:7001,two:7002");
});
